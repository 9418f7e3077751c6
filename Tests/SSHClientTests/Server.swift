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

  struct Broken: Error { var reason: String }

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
    port = try Self.freePort()
    let lines =
      settings(folder) + [
        "Port \(port)", "ListenAddress 127.0.0.1", "HostKey \(folder.path(of: "host_ed25519"))",
        "HostKey \(folder.path(of: "host_ecdsa"))",
        "AuthorizedKeysFile \(folder.path(of: "authorized_keys"))", "PidFile none", "UsePAM no",
        "StrictModes no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
        "PermitRootLogin yes", "UseDNS no", "PrintMotd no", "PrintLastLog no", "LogLevel VERBOSE",
      ]
    try folder.write(lines.joined(separator: "\n") + "\n", to: "sshd_config")
    program = try RunningProgram(
      "/usr/sbin/sshd", ["-D", "-e", "-f", folder.path(of: "sshd_config")],
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"])
    let running = program
    guard eventually(within: 10, { running.errors.contains("Server listening") }) else {
      throw Broken(reason: "sshd does not start: \(running.errors)")
    }
  }

  var log: String { program.errors }

  var address: SocketAddress {
    get throws {
      guard let address = SocketAddress(host: "127.0.0.1", port: port) else {
        throw Broken(reason: "no address")
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
    guard end.status == 0 else { throw Broken(reason: "ssh-keygen: \(end)") }
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

  private static func freePort() throws -> UInt16 {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let probe = Descriptor(owning: number)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(probe.number, raw, length) == 0 ? getsockname(probe.number, raw, &length) : -1
      }
    }
    guard result == 0 else { throw Broken(reason: "no free port") }
    return UInt16(bigEndian: address.sin_port)
  }
}
