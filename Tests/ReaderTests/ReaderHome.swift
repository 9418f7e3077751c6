import Foundation
import SystemIO
import TestSupport
import Testing

/// Programs that read `~/.ssh/config` themselves, as they are installed: what they make of the user's
/// own hosts is the same with `setup` and live sessions as without. One simulator serves them all.
@Suite(.serialized, .timed) struct ReaderTests {
  static let simulator = SharedSimulator()
}

/// The computer of somebody with hosts of their own in `~/.ssh/config`, and a few under `[hosts]`.
final class ReaderHome: TestHome {
  let simulator: Simulator

  static let machines = ["sb1.prime", "dm-abc.dedalus", "node1.tensorpool"]
  static let names = ["lab", "mine", "train"]
  /// Hosts that are the user's: with a block of their own, by a pattern, by none.
  static let ownHosts = ["work", "gh-work", "db.corp", "plain.example.test"]

  private static let calls = "calls"

  /// - Parameter names: what stands under `[hosts]`.
  init(_ shared: SharedSimulator, names: [String] = ReaderHome.names) throws {
    _ = try BuiltReaders.folder.get()
    simulator = try shared.fresh()
    try super.init(environment: simulator.environment)
    try knowUserKey(of: simulator)
    try ownHome()
    // No known host of this computer hides the configuration's: zsh would offer those alone.
    environment["NSS_WRAPPER_HOSTS"] = try home.write("", to: ".nss/hosts")
    environment.merge([
      "PATH": "\(home.path)/bin:/usr/local/bin:/usr/bin:/bin", "USER": NSUserName(),
      // What Debian's asyncssh says of its own ciphers.
      "PYTHONWARNINGS": "ignore", "LANG": "C.UTF-8", "TERM": "xterm",
    ]) { _, new in new }
    try home.write(
      """
      Host work
          HostName work.example.test
          User alice
          Port 2222
          IdentityFile ~/.ssh/work

      Host gh-work
          HostName github.example.test
          User git
          IdentityFile ~/.ssh/gh
          IdentitiesOnly yes

      Host *.corp
          User corporal
          Port 2022
          IdentityFile ~/.ssh/corp

      Host *
          ServerAliveInterval 30

      """, to: ".ssh/config")
    let key = try Data(contentsOf: URL(filePath: simulator.userKey))
    for name in ["id_ed25519", "work", "gh", "corp"] {
      try home.write(String(decoding: key, as: UTF8.self), to: ".ssh/\(name)")
    }
    let port = simulator.ports["plain"] ?? 0
    try configure(
      names.map { "[hosts.\($0)]\nprovider = \"static\"\nhost = \"127.0.0.1\"\nport = \(port)\n" }
        .joined())
    try countCalls(false)
  }

  /// `sshproxy setup`, and a live session of each provider.
  func setUpWithSessions() throws {
    let end = try start(home.path(of: "bin/sshproxy"), ["setup"]).end()
    guard end.status == 0 else { throw Unexpected("setup: \(end)") }
    let running = try Self.machines.map { try start(BuiltProgram.sshproxy, ["prepare", $0]) }
    for program in running {
      let end = program.end()
      guard end.status == 0 else { throw Unexpected("prepare: \(end)") }
    }
    try countCalls(true)
  }

  /// What our program was called with since `setUpWithSessions`.
  var calls: [String] {
    (home.read(Self.calls) ?? "").split(separator: "\n").map(String.init)
  }

  /// The program that `setup` names in its lines is a link of the user's, and then one that counts.
  private func countCalls(_ counts: Bool) throws {
    let path = home.path(of: "bin/sshproxy")
    try? FileManager.default.removeItem(atPath: path)
    guard counts else {
      try FileManager.default.createDirectory(
        atPath: home.path(of: "bin"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: BuiltProgram.sshproxy)
      return
    }
    try home.write(
      """
      #!/bin/sh
      echo "$*" >>'\(home.path(of: Self.calls))'
      exec '\(BuiltProgram.sshproxy)' "$@"

      """, to: "bin/sshproxy", mode: 0o755)
  }

  func run(_ words: [String], within seconds: Double = timeout) throws -> ProgramEnd {
    try start(words[0], Array(words.dropFirst())).end(within: seconds)
  }
}
