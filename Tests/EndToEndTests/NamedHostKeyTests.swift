import Foundation
import TestSupport
import Testing

/// A program of one's own that names its host's key: nothing is trusted on first use.
@Suite(.serialized, .timed) struct NamedHostKeyTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
    try testHome.setUp()
  }

  /// Has the command provider `mine` name this key.
  private func name(_ key: String) throws {
    let script = """
      #!/bin/bash
      /bin/bash "$HOME/my-cloud" "$@" |
        sed 's|"session":{|"session":{"host_trust":{"kind":"host_key","public_key":"\(key)"},|'
      """
    try testHome.home.write(script, to: "named", mode: 0o700)
    let former = testHome.home.read(".config/sshproxy/config.toml") ?? ""
    let program = testHome.home.path(of: TestHome.myCloud)
    try testHome.configure(
      former.replacing(
        "\"/bin/bash\", \"\(program)\"", with: "\"\(testHome.home.path(of: "named"))\"")
    )
  }

  private func hostKey() throws -> String {
    let line = try String(
      contentsOfFile: simulator.directory + "/prime/host_ed25519.pub", encoding: .utf8)
    return line.split(separator: " ").prefix(2).joined(separator: " ")
  }

  @Test func theKeyIsTheHosts() throws {
    try testHome.home.write(testHome.home.read(TestHome.myCloud) ?? "", to: "my-cloud")
    try name(try hostKey())
    let end = try testHome.ssh(["mine", "echo in"])
    #expect(end.status == 0 && end.output == "in\n", "\(end)")
    #expect(try testHome.ssh(["-G", "mine"]).output.contains("stricthostkeychecking true\n"))
    let exec = try testHome.sshproxy(["exec", "mine", "--", "echo", "in"])
    #expect(exec.status == 0 && exec.output == "in\n", "\(exec)")
    let said = try testHome.sshproxy(["resolve", "--json", "mine"]).output
    #expect(said.contains("\"host_trust\": \"host_key\""), "\(said)")
  }

  @Test func anotherKeyIsRefused() throws {
    try testHome.home.write(testHome.home.read(TestHome.myCloud) ?? "", to: "my-cloud")
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE7x2Ce0sFvgTqjkfSFVQhZ4hHMmOIy9FdIsgkUhkMrt"
    try name(other)
    #expect(try testHome.ssh(["mine", "true"]).status == 255)
    #expect(try testHome.sshproxy(["exec", "mine", "--", "true"]).status == 255)
  }
}
