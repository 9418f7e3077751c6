import TestSupport
import Testing

/// `examples/corporate-proxy`: the API through a proxy, ssh's own connection past it.
@Suite(.serialized, .timed) struct CorporateProxyTests {
  private func home(
    in network: ProxiedNetwork, exceptions: String = "localhost,127.0.0.1,::1,.example.com"
  ) throws -> TestHome {
    let testHome = try TestHome.ofUserAfterSetup(network.simulator)
    let text = try Examples.text("corporate-proxy/proxy.conf")
      .putting("http://127.0.0.1:\(network.proxyPort)", inPlaceOf: "http://proxy.example.com:3128")
      .putting(
        "\(network.folder.path)/certificate", inPlaceOf: "/etc/ssl/certs/ca-certificates.crt"
      )
      .putting(exceptions, inPlaceOf: "localhost,127.0.0.1,::1,.example.com")
    try testHome.home.write(text, to: "proxy.conf")
    // The API's name leads elsewhere; its machines are on this computer.
    try testHome.configure(Self.local)
    return testHome
  }

  private static let local = ["prime", "dedalus", "tensorpool"]
    .map { "[\($0)]\nallow_local = true\n" }.joined()
  private static let environment = "set -a; . ./proxy.conf; set +a\n"

  @Test func onlyTheAPIGoesThroughTheProxy() throws {
    let network = try ProxiedNetwork()
    let testHome = try home(in: network)
    for machine in machines {
      let before = network.connections.count
      let end = try testHome.run(Self.environment + "ssh \(machine) 'echo $USER'")
      #expect(end.status == 0, "\(end)")
      #expect(end.output.count > 1)
      #expect(end.errors == "")
      #expect(network.connections.count > before, "\(machine)")
    }
    #expect(Set(network.connections) == ["\(ProxiedNetwork.apiHost):\(network.apiPort)"])
    #expect(try !network.simulator.requests().isEmpty)

    // The sessions are there: ssh needs no proxy.
    network.closeProxy()
    for machine in machines {
      let end = try testHome.run(Self.environment + "ssh \(machine) true")
      #expect(end.status == 0, "\(end)")
    }
  }

  @Test func exceptionsAreReachedWithoutIt() throws {
    let network = try ProxiedNetwork()
    let testHome = try home(in: network, exceptions: "localhost,.gpu.test")
    testHome.environment["NSS_WRAPPER_HOSTS"] = network.folder.path(of: "hosts")
    for machine in machines {
      let end = try testHome.run(Self.environment + "ssh \(machine) true")
      #expect(end.status == 0, "\(end)")
    }
    #expect(network.connections.isEmpty)
    #expect(try !network.simulator.requests().isEmpty)
  }

  /// No way round a proxy that does not answer.
  @Test func proxyThatIsGoneIsNamed() throws {
    let network = try ProxiedNetwork()
    let testHome = try home(in: network)
    testHome.environment["NSS_WRAPPER_HOSTS"] = network.folder.path(of: "hosts")
    try testHome.configure(Self.local + "[connection]\ndeadline = 1\n")
    network.closeProxy()
    let end = try testHome.run(Self.environment + "ssh sb1.prime true")
    #expect(end.status == 255, "\(end)")
    #expect(end.errors.contains("\(network.proxyPort)"), "\(end)")
    #expect(try network.simulator.requests().isEmpty)
  }
}
