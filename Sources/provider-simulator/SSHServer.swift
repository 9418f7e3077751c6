import Foundation

/// The sshd of one realm: its configuration, and how it is started on a connection.
struct SSHServer: Sendable {
  let realm: Realm
  let logins: Logins
  let configuration: String
  let log: String

  static let program = "/usr/sbin/sshd"

  /// - Parameter userKeys: the file of public keys that open any login of the realms that the
  ///   user's own key opens.
  init(_ realm: Realm, directory: URL, keys: KeyFiles, userKeys: String) throws {
    self.realm = realm
    let folder = directory.appending(path: realm.name)
    logins = try Logins(
      folder: folder, home: directory.appending(path: "home").path,
      haveNoPassword: realm.opening == .name)
    configuration = folder.appending(path: "sshd_config").path
    log = directory.appending(path: "sshd-\(realm.name).log").path

    var lines = keys.hostKeyTypes.map { "HostKey \(keys.hostKey(realm, $0).path)" }
    switch realm.opening {
    case .sessionKey:
      lines.append("AuthorizedKeysFile \(folder.path)/keys/%u")
    case .certificate:
      lines += keys.hostKeyTypes.map {
        "HostCertificate \(keys.hostKey(realm, $0).path)-cert.pub"
      }
      lines += [
        "TrustedUserCAKeys \(keys.userAuthority.path).pub", "AuthorizedKeysFile none",
      ]
    case .userKey:
      lines.append("AuthorizedKeysFile \(userKeys)")
    case .name:
      // sshd takes the first line of a name, so that these come before the common ones.
      lines += [
        "AuthenticationMethods none", "PermitEmptyPasswords yes", "PasswordAuthentication yes",
        "AuthorizedKeysFile none",
      ]
    }
    let text = (lines + Self.common).joined(separator: "\n") + "\n"
    try Data(text.utf8).write(to: URL(filePath: configuration))
  }

  private static let common = [
    "AuthenticationMethods publickey", "PasswordAuthentication no",
    "KbdInteractiveAuthentication no", "PermitRootLogin yes", "StrictModes no", "UsePAM no",
    "UseDNS no", "PidFile none", "PrintMotd no", "PrintLastLog no", "LogLevel VERBOSE",
    "AllowTcpForwarding yes", "AllowStreamLocalForwarding yes", "AllowAgentForwarding yes",
    "MaxSessions 1000", "MaxAuthTries 20", "Subsystem sftp internal-sftp",
  ]

  var arguments: [String] { [Self.program, "-i", "-f", configuration, "-E", log] }

  var environment: [String] {
    [
      "LD_PRELOAD=libnss_wrapper.so", "NSS_WRAPPER_PASSWD=\(logins.passwd)",
      "NSS_WRAPPER_GROUP=\(logins.group)", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    ]
  }
}
