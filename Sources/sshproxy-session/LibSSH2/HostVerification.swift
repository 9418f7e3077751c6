import OpenSSH
import SSHClient
import Sessions
import SystemIO

/// How a session's host has to prove its identity to libssh2, and the files that remember it.
struct HostVerification {
  private static let certificatesName = "host_certificates"
  private static let limit = 16 << 20

  let files: FileLocations
  let session: Session
  /// The session's directory; `nil` for a session that is not stored: then nothing is kept.
  let directory: String?
  /// Whether the key of an unknown host is added to the user's known hosts.
  let acceptsNew: Bool

  /// - Throws: `.nonsense` when the stored authority is not a key, `.inputOutput` when a file cannot
  ///   be read.
  func trust() throws(Failure) -> HostTrust {
    let (host, port) = (session.endpoint.host, Int(session.endpoint.port))
    switch session.hostTrust {
    case .authority(let line):
      return .authority(
        try PublicKey(line: line), host: host, certificates: try certificates())
    case .firstSight:
      let text = try read(Session.FileName.knownHosts) ?? ""
      let known = KnownHosts([text]).lookup(name: session.knownHostsName).keys
      return .pinned(known, host: session.knownHostsName) { (key) throws(Failure) in
        let line = try KnownHosts.line(host: host, port: port, key: key)
        try write(text + line + "\n", Session.FileName.knownHosts)
      }
    case .users:
      let users = UserKnownHosts(home: files.home)
      let hint =
        "log in once with ssh, or let `sshproxy exec --accept-new` record the key"
      return .userKnownHosts(
        try users.read(), host: host, port: port,
        unknown: acceptsNew
          ? .remember { (key) throws(Failure) in
            try users.record(key, host: host, port: port)
          } : .refuse(hint: hint),
        certificates: HostCertificates(kept: nil) { _ in })
    }
  }

  private func certificates() throws(Failure) -> HostCertificates {
    HostCertificates(kept: try read(Self.certificatesName)) { (text) throws(Failure) in
      try write(text, Self.certificatesName)
    }
  }

  private func read(_ name: String) throws(Failure) -> String? {
    guard let directory else { return nil }
    return try reportingFailure { () throws(SystemError) in
      try PrivateFile.read("\(directory)/\(name)", limit: Self.limit).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }

  private func write(_ text: String, _ name: String) throws(Failure) {
    guard let directory else { return }
    try reportingFailure { () throws(SystemError) in
      let folder = try PrivateDirectory(opening: directory)
      try PrivateFile.write(text, to: name, in: folder.descriptor)
    }
  }
}
