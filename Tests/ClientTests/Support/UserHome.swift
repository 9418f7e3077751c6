import Foundation
import SystemIO
import TestSupport

extension TestHome {
  /// The computer of somebody who has a key of their own and runs ssh: the password file says that
  /// the test's directory is their home, so every client looks for `~/.ssh` there.
  static func ofUser(_ simulator: Simulator) throws -> TestHome {
    let testHome = try TestHome(simulator)
    let home = testHome.home
    let key = try Data(contentsOf: URL(filePath: simulator.userKey))
    try home.write(String(decoding: key, as: UTF8.self), to: ".ssh/id_ed25519")
    try home.write(
      """
      Host *
          BatchMode yes
          StrictHostKeyChecking accept-new
          LogLevel ERROR

      """, to: ".ssh/config")
    try FileManager.default.createDirectory(
      atPath: home.path(of: "bin"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: home.path(of: "bin/sshproxy"), withDestinationPath: BuiltProgram.sshproxy)

    try testHome.ownHome()
    testHome.environment.merge([
      "PATH": "\(home.path)/bin:\(Clients.path)", "USER": NSUserName(), "SHELL": "/bin/bash",
      "LANG": "C.UTF-8", "TERM": "xterm", "TMPDIR": home.path,
      // What Debian's asyncssh says of its own ciphers.
      "PYTHONWARNINGS": "ignore",
    ]) { _, new in new }
    return testHome
  }

  /// The same after `sshproxy setup`, and nothing else.
  static func ofUserAfterSetup(_ simulator: Simulator) throws -> TestHome {
    let testHome = try TestHome.ofUser(simulator)
    let end = try testHome.run("sshproxy setup")
    guard end.status == 0, end.errors.isEmpty else { throw Unexpected("setup: \(end)") }
    return testHome
  }

  /// Runs a script of bash in the home directory; it ends at the first command that fails.
  func run(_ script: String, within seconds: Double = timeout) throws -> ProgramEnd {
    try begin(script).end(within: seconds)
  }

  func begin(_ script: String, input: RunningProgram.Input = .nothing) throws -> RunningProgram {
    let before = "set -euo pipefail\ncd '\(home.path)'\n"
    return try start("/bin/bash", ["-c", before + script], input: input)
  }

  /// Runs the real ssh, which finds its configuration by itself.
  func startSSHAtHome(
    _ words: [String], input: RunningProgram.Input = .nothing
  ) throws -> RunningProgram {
    try start(Self.ssh, words, input: input)
  }

  /// A folder of the machine's. It is on this computer, like the machine.
  func machineFolder(_ name: String = "machine") throws -> String {
    let path = home.path(of: name)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}

/// A machine of each provider, and of each way in which Prime gives one.
let machines = ["sb1.prime", "vm1.prime", "dm-abc.dedalus", "node1.tensorpool"]

extension ProgramEnd {
  /// - Throws: when it has not gone well.
  func check() throws {
    guard status == 0 else { throw Unexpected("\(self)") }
  }
}
