import Foundation
import TestSupport

/// A certificate authority of ssh's, made once for all tests of a run.
final class Authority: Sendable {
  static let shared = Result { try Authority() }

  let publicKey: String
  /// Some other key, which certifies nothing here.
  let otherKey: String
  private let folder: TemporaryDirectory

  private init() throws {
    folder = try TemporaryDirectory("authority")
    for name in ["authority", "other"] {
      try Self.keygen(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder.path(of: name)])
    }
    publicKey = (folder.read("authority.pub") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    otherKey = (folder.read("other.pub") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A certificate for a key, as `ssh-keygen -s` makes it.
  /// - Parameter options: more words for it, such as `["-h"]`.
  func certificate(
    for key: String, principals: String?, validity: String = "-1m:+15m", _ options: [String] = []
  ) throws -> String {
    let own = try TemporaryDirectory("certificate")
    let file = try own.write(key + "\n", to: "key.pub")
    let names = principals.map { ["-n", $0] } ?? []
    try Self.keygen(
      ["-q", "-s", folder.path(of: "authority"), "-I", "fault", "-V", validity] + names + options
        + [file])
    return (own.read("key-cert.pub") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func keygen(_ words: [String]) throws {
    let end = try RunningProgram("/usr/bin/ssh-keygen", words, environment: [:]).end()
    guard end.status == 0 else { throw Unexpected("ssh-keygen: \(end)") }
  }
}
