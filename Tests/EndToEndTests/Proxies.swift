import Foundation
import SystemIO
import TestSupport

/// A proxy on this computer that wants a user name and a password: tinyproxy for CONNECT, microsocks for
/// SOCKS 5.
final class Proxy {
  enum Kind: String, Sendable, CaseIterable {
    case http, socks5
  }

  static let (user, password) = ("office", "s3cret-of-the-proxy")
  let port: UInt16
  private let folder: TemporaryDirectory
  private let program: RunningProgram
  private let kind: Kind

  init(_ kind: Kind, user: String = user, password: String = password) throws {
    self.kind = kind
    folder = try TemporaryDirectory("proxy")
    port = try freePort()
    let path: String
    let words: [String]
    var environment = ["PATH": "/usr/bin:/bin"]
    switch kind {
    case .http:
      try folder.write(
        """
        Port \(port)
        Listen 127.0.0.1
        Allow 127.0.0.1
        BasicAuth \(user) \(password)
        LogFile "\(folder.path)/log"
        LogLevel Connect
        Timeout 60

        """, to: "configuration")
      (path, words) = ("/usr/bin/tinyproxy", ["-d", "-c", folder.path(of: "configuration")])
    case .socks5:
      (path, words) = (
        "/usr/bin/microsocks", ["-i", "127.0.0.1", "-p", "\(port)", "-u", user, "-P", password]
      )
      // It tries a name's first address alone, and many a computer's localhost has an IPv6 one first.
      environment["LD_PRELOAD"] = "libnss_wrapper.so"
      environment["NSS_WRAPPER_HOSTS"] = try folder.write("127.0.0.1 localhost\n", to: "hosts")
    }
    program = try RunningProgram(path, words, environment: environment)
    let port = port
    guard eventually({ isListening(port) }) else {
      throw Unexpected("\(path) does not listen: \(program.output) \(program.errors)")
    }
  }

  deinit {
    // Told to end, tinyproxy would first wait for its next visitor.
    program.signal(SIGKILL)
    _ = program.end()
  }

  var url: String { "\(kind.rawValue)://\(Self.user):\(Self.password)@127.0.0.1:\(port)" }

  /// What it was asked to connect to, `host:port` each.
  var destinations: [String] {
    let log = kind == .http ? folder.read("log") ?? "" : program.errors
    return log.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      switch kind {
      case .http:
        // The line's level is the same word.
        guard let verb = words.lastIndex(of: "CONNECT"), verb > 0, verb + 1 < words.count else {
          return nil
        }
        return words[verb + 1]
      case .socks5:
        return line.contains("connected to") ? words.last : nil
      }
    }
  }
}
