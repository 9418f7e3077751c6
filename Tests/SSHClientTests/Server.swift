import Foundation
import OpenSSH
import SSHClient
import SystemIO
import TestSupport

/// A real sshd of a test's own on loopback, which lets the current user in with `userKey`.
final class Server {
  let folder: TemporaryDirectory
  let port: UInt16
  private let program: RunningProgram

  /// - Parameters:
  ///   - settings: further lines of sshd_config, before our own: the first value wins.
  ///   - prepare: called before it starts, with the keys in place: `host_ed25519`, `host_ecdsa`,
  ///     `user`, `authority`, each with its `.pub`.
  init(
    settings: (TemporaryDirectory) -> [String] = { _ in [] },
    prepare: (TemporaryDirectory) throws -> Void = { _ in }
  ) throws {
    folder = try TemporaryDirectory("sshd")
    for (name, type) in [
      ("host_ed25519", "ed25519"), ("host_ecdsa", "ecdsa"), ("user", "ed25519"),
      ("authority", "ed25519"),
    ] {
      try Self.keygen(["-t", type, "-N", "", "-f", folder.path(of: name)])
    }
    try folder.write(folder.read("user.pub") ?? "", to: "authorized_keys")
    try prepare(folder)
    port = try freePort()
    let lines =
      settings(folder) + [
        "Port \(port)", "ListenAddress 127.0.0.1", "HostKey \(folder.path(of: "host_ed25519"))",
        "HostKey \(folder.path(of: "host_ecdsa"))",
        "AuthorizedKeysFile \(folder.path(of: "authorized_keys"))", "PidFile none", "UsePAM no",
        "StrictModes no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
        "PermitRootLogin yes", "UseDNS no", "PrintMotd no", "PrintLastLog no", "LogLevel VERBOSE",
      ]
    try folder.write(lines.joined(separator: "\n") + "\n", to: "sshd_config")
    // A stock sshd that runs as root insists on this folder, which only the system's own makes.
    if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
    program = try RunningProgram(
      "/usr/sbin/sshd", ["-D", "-e", "-f", folder.path(of: "sshd_config")],
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"])
    let running = program
    guard eventually({ running.errors.contains("Server listening") }) else {
      throw Unexpected("sshd does not start: \(running.errors)")
    }
  }

  var log: String { program.errors }

  var address: SocketAddress {
    get throws {
      guard let address = SocketAddress(host: "127.0.0.1", port: port) else {
        throw Unexpected("no address")
      }
      return address
    }
  }

  static var login: String {
    getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? ""
  }

  static func keygen(_ words: [String]) throws {
    let end = try RunningProgram(
      "/usr/bin/ssh-keygen", ["-q"] + words, environment: ["PATH": "/usr/bin:/bin"]
    ).end()
    guard end.status == 0 else { throw Unexpected("ssh-keygen: \(end)") }
  }

  func publicKey(_ name: String) throws -> PublicKey {
    try PublicKey(line: folder.read("\(name).pub") ?? "")
  }

  /// A file's text as known hosts name this server.
  func knownHosts(_ name: String, hashed: Bool = false) throws -> KnownHosts {
    let line = try KnownHosts.line(
      host: "127.0.0.1", port: Int(port), key: try publicKey(name), hashed: hashed)
    return KnownHosts([line + "\n"])
  }
}
