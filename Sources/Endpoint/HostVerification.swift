import OpenSSH
import SSHClient
import Sessions
import SystemIO

/// How a session's host has to prove its identity to libssh2, and the files that remember it.
struct HostVerification {
  private static let certificatesName = "host_certificates"

  /// The home directory, with the user's known hosts.
  let home: String
  let session: Session
  /// Where the session is stored; `nil` for one that is not: then nothing is kept.
  let persistence: Persistence?
  /// Whether the key of an unknown host is added to the user's known hosts.
  let acceptsNew: Bool

  /// Where a session is stored, and with it what is learnt of its host.
  struct Persistence {
    let alias: Alias
    /// The session's; another one once it has been stored anew.
    let directory: () -> String
    let store: SessionStore
    /// For the alias's lock.
    let deadline: Moment
    let caller: HangUpMonitor
  }

  /// - Throws: `.inputOutput` when a file cannot be read.
  func proof() throws(Failure) -> HostProof {
    let (host, port) = (session.endpoint.host, Int(session.endpoint.port))
    let users = UserKnownHosts(home: home)
    let usersHosts = try users.read()
    let revoked = usersHosts.revoked(host: host, port: port)
    switch session.hostTrust {
    case .authority(let key):
      return .authority(
        key, host: host, revoked: revoked, certificates: try certificates())
    case .hostKeys(let keys):
      return .named(keys, host: session.knownHostsName, revoked: revoked)
    case .trustOnFirstUse:
      return .pinned(try pinned(), host: session.knownHostsName, revoked: revoked) {
        (key) throws(Failure) in try pin(key)
      }
    case .users:
      let hint =
        "log in once with ssh, or let `sshproxy exec --accept-new` record the key"
      return .userKnownHosts(
        usersHosts, host: host, port: port,
        unknown: acceptsNew
          ? .remember { (key) throws(Failure) in
            try users.record(key, host: host, port: port)
          } : .refuse(hint: hint),
        certificates: HostCertificates(kept: nil) { _ in })
    }
  }

  /// The keys in the session's own known hosts.
  private func pinned() throws(Failure) -> [PublicKey] {
    KnownHosts([try read(Session.FileName.knownHosts) ?? ""])
      .lookup(name: session.knownHostsName).keys
  }

  /// Pins the key unless one is pinned by now. Under the alias's lock, so that of two that connect
  /// at once one comes first; ssh, which knows no lock, may have been there before.
  /// - Returns: the pinned keys.
  private func pin(_ key: PublicKey) throws(Failure) -> [PublicKey] {
    guard let persistence else { return [key] }
    let lock = try AliasLock(
      persistence.alias.name, in: persistence.store, until: persistence.deadline,
      caller: persistence.caller)
    let known = try pinned()
    guard known.isEmpty else { return known }
    let (host, port) = (session.endpoint.host, Int(session.endpoint.port))
    let line = try KnownHosts.line(host: host, port: port, key: key)
    try append(line + "\n", Session.FileName.knownHosts)
    lock.end()
    return [key]
  }

  private func certificates() throws(Failure) -> HostCertificates {
    HostCertificates(kept: try read(Self.certificatesName)) { text in
      try? write(text, Self.certificatesName)
    }
  }

  private func read(_ name: String) throws(Failure) -> String? {
    guard let directory = persistence?.directory() else { return nil }
    return try PrivateFile.read("\(directory)/\(name)", limit: UserKnownHosts.limit).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Appends as ssh does: what it has written since is not replaced.
  private func append(_ text: String, _ name: String) throws(Failure) {
    guard let directory = persistence?.directory() else { return }
    let folder = try PrivateDirectory(opening: directory)
    let file = try Descriptor.open(
      name, flags: O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, in: folder.descriptor.number)
    try file.writeAll(text)
  }

  private func write(_ text: String, _ name: String) throws(Failure) {
    guard let directory = persistence?.directory() else { return }
    let folder = try PrivateDirectory(opening: directory)
    try PrivateFile.write(text, to: name, in: folder.descriptor)
  }
}
