import TestSupport
import Testing

/// `examples/corporate-proxy`: the API through a proxy, ssh's own connection past it.
@Suite(.serialized, .timed) struct CorporateProxyTests {
  private func desk(
    _ office: Office, exceptions: String = "localhost,127.0.0.1,::1,.example.com"
  ) throws -> TestHome {
    let desk = try TestHome.deskAfterSetup(office.simulator)
    let text = try Examples.text("corporate-proxy/proxy.conf")
      .putting("http://127.0.0.1:\(office.proxyPort)", inPlaceOf: "http://proxy.example.com:3128")
      .putting("\(office.folder.path)/certificate", inPlaceOf: "/etc/ssl/certs/ca-certificates.crt")
      .putting(exceptions, inPlaceOf: "localhost,127.0.0.1,::1,.example.com")
    try desk.home.write(text, to: "proxy.conf")
    // The API's name leads elsewhere; its machines are on this computer.
    try desk.configure(Self.local)
    return desk
  }

  private static let local = ["prime", "dedalus", "tensorpool"]
    .map { "[\($0)]\nallow_local = true\n" }.joined()
  private static let environment = "set -a; . ./proxy.conf; set +a\n"

  @Test func onlyTheAPIGoesThroughTheProxy() throws {
    let office = try Office()
    let desk = try desk(office)
    for machine in machines {
      let before = office.connections.count
      let end = try desk.run(Self.environment + "ssh \(machine) 'echo $USER'")
      #expect(end.status == 0, "\(end)")
      #expect(end.output.count > 1)
      #expect(end.errors == "")
      #expect(office.connections.count > before, "\(machine)")
    }
    #expect(Set(office.connections) == ["\(Office.apiHost):\(office.apiPort)"])
    #expect(try !office.simulator.requests().isEmpty)

    // The sessions are there: ssh needs no proxy.
    office.closeProxy()
    for machine in machines {
      let end = try desk.run(Self.environment + "ssh \(machine) true")
      #expect(end.status == 0, "\(end)")
    }
  }

  @Test func exceptionsAreReachedWithoutIt() throws {
    let office = try Office()
    let desk = try desk(office, exceptions: "localhost,.gpu.test")
    desk.environment["NSS_WRAPPER_HOSTS"] = office.folder.path(of: "hosts")
    for machine in machines {
      let end = try desk.run(Self.environment + "ssh \(machine) true")
      #expect(end.status == 0, "\(end)")
    }
    #expect(office.connections.isEmpty)
    #expect(try !office.simulator.requests().isEmpty)
  }

  /// No way round a proxy that does not answer.
  @Test func proxyThatIsGoneIsNamed() throws {
    let office = try Office()
    let desk = try desk(office)
    desk.environment["NSS_WRAPPER_HOSTS"] = office.folder.path(of: "hosts")
    try desk.configure(Self.local + "[connection]\ndeadline = 1\n")
    office.closeProxy()
    let end = try desk.run(Self.environment + "ssh sb1.prime true")
    #expect(end.status == 255, "\(end)")
    #expect(end.errors.contains("\(office.proxyPort)"), "\(end)")
    #expect(try office.simulator.requests().isEmpty)
  }
}
