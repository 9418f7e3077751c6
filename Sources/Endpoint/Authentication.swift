import OpenSSH
import SSHClient
import Sessions
import SystemIO

/// Logs in to a session's endpoint with the keys that the session calls for.
struct Authentication {
  let home: String
  /// The socket of the user's agent; `nil` without one.
  let agent: String?
  let session: Session

  /// With the session's own key, and its certificate where it has one.
  func withSessionKey(
    _ ssh: borrowing SSHSession, _ key: borrowing KeyPair
  ) throws(Failure) {
    guard case .sessionKey(let login, let certificate) = session.login else { return }
    try ssh.logIn(as: login, key: key, certificate: certificate?.line)
  }

  /// By a login that is a secret; else as the user, with the keys that ssh would try: the agent's, then
  /// the file that the provider names, or the usual ones.
  /// - Parameter given: the login that the user has given, which counts first where it is the user's.
  func withoutSessionKey(
    _ ssh: borrowing SSHSession, as given: String? = nil
  ) throws(Failure) {
    if case .secret(let login) = session.login {
      return try ssh.logInWithoutKey(as: login.reveal())
    }
    guard case .users(let named, let identityFile) = session.login else { return }
    let login = given ?? named
    let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map { "\(home)/.ssh/\($0)" }
    let name: String
    if let login { name = login } else { name = try Self.userName() }
    try ssh.logIn(
      as: name, identityFiles: identityFile.map { [$0] } ?? usual,
      agent: agent)
  }

  private static func userName() throws(Failure) -> String {
    guard let name = User.name else {
      throw Failure(
        .configuration, "neither the provider nor this computer knows a login name",
        hint: "the password file has no entry for this user")
    }
    return name
  }
}
