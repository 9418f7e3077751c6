import TestSupport
import Testing

/// D4: with ControlPersist, ssh gives its ProxyCommand /dev/null for standard error.
@Suite(.serialized) struct D4ControlPersistTests {
  static let stage = SharedSimulator()
  let simulator: Simulator
  let place: TestHome

  init() throws {
    simulator = try Self.stage.fresh()
    place = try TestHome.furnished(simulator)
  }

  @Test(arguments: [true, false])
  func failureReachesTheTerminal(fdpass: Bool) throws {
    try place.configure(
      """
      [connection]
      deadline = 2
      [hosts.lab]
      provider = "static"
      host = "127.0.0.1"
      port = \(simulator.ports["plain"] ?? 0)

      """)
    try place.setUp(fdpass: fdpass)
    try simulator.scenario(#"{"plain": {"endpoint": "refused"}}"#)
    let options = "-o ControlMaster=auto -o ControlPath=\(place.home.path)/m-%C -o ControlPersist=5"
    let end = try place.start(
      "/usr/bin/script",
      ["-qec", "ssh -F \(place.sshConfiguration) \(options) lab true", "/dev/null"]
    ).end(within: 30)
    #expect(end.output.contains("sshproxy: error: lab: "), "\(end)")
    #expect(end.output.contains("sshproxy: hint: "), "\(end)")
  }
}
