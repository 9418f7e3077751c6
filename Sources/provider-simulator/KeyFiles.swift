import Foundation

/// The simulator's keys, made afresh by ssh-keygen at each start.
struct KeyFiles: Sendable {
  let directory: URL
  let hostKeyTypes: [String]
  let authorityType: String

  static let keygen = "/usr/bin/ssh-keygen"

  func hostKey(_ realm: Realm, _ type: String) -> URL {
    directory.appending(path: "\(realm.name)/host_\(type)")
  }

  var userAuthority: URL { directory.appending(path: "dedalus/user_authority") }
  var hostAuthority: URL { directory.appending(path: "dedalus/host_authority") }
  /// An authority that nobody is told of.
  var otherAuthority: URL { directory.appending(path: "dedalus/other_authority") }

  /// Makes all key pairs beside one another.
  /// - Parameter userKey: where the user's key pair goes, `nil` when the caller has one.
  func make(userKey: URL?) throws {
    var commands: [[String]] = []
    for realm in Realm.all {
      for type in hostKeyTypes { commands.append(Self.pair(hostKey(realm, type), type)) }
    }
    for authority in [userAuthority, hostAuthority, otherAuthority] {
      commands.append(Self.pair(authority, authorityType))
    }
    if let userKey { commands.append(Self.pair(userKey, "ed25519")) }
    try Children.run(commands)
  }

  static func pair(_ file: URL, _ type: String) -> [String] {
    let bits = type == "rsa" ? ["-b", "2048"] : []
    return [keygen, "-q", "-t", type] + bits + ["-N", "", "-C", "", "-f", file.path]
  }

  /// Signs Dedalus's host keys; each certificate lies beside its key.
  /// - Parameter validity: as ssh-keygen's `-V` takes it.
  func certifyHost(by authority: URL, principals: String, validity: String) throws {
    try Children.run(
      hostKeyTypes.map { type in
        [
          Self.keygen, "-q", "-s", authority.path, "-h", "-I", "simulator", "-n", principals,
          "-V", validity, hostKey(.dedalus, type).path + ".pub",
        ]
      })
  }

  /// The certificate that dedalus's user authority gives a public key.
  /// - Parameter options: ssh-keygen's, for principals, validity and kind.
  func certify(_ publicKey: String, options: [String]) throws -> String {
    let file = directory.appending(path: "dedalus/\(UUID().uuidString)")
    let certificate = URL(filePath: file.path + "-cert.pub")
    let subject = URL(filePath: file.path + ".pub")
    defer {
      try? FileManager.default.removeItem(at: subject)
      try? FileManager.default.removeItem(at: certificate)
    }
    try Data("\(publicKey)\n".utf8).write(to: subject)
    try Children.run([
      [Self.keygen, "-q", "-s", userAuthority.path, "-I", "simulator", "-z", "1"] + options
        + [subject.path]
    ])
    return try Self.text(certificate)
  }

  /// A key file's one line.
  static func text(_ file: URL) throws -> String {
    try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func publicText(_ pair: URL) throws -> String {
    try text(URL(filePath: pair.path + ".pub"))
  }
}
