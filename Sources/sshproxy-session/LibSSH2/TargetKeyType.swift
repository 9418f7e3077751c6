import OpenSSH
import SSHClient
import Sessions

extension Target {
  /// The kind of key for the program that logs in: ssh, or libssh2 on the route `jump`.
  var keyType: KeyType { route == .direct ? .ed25519 : keyTypeForLibSSH2 }

  /// The kind of key that libssh2 can use for this target. Up to 1.10 it takes certificates for
  /// ECDSA keys only; where no certificate is involved, ssh's session serves as well.
  var keyTypeForLibSSH2: KeyType {
    guard !SSHSession.takesEd25519Certificates else { return .ed25519 }
    // Whether a program of the user's certifies keys is known only after it has opened a session.
    let mayCertify =
      provider == .command
      || Installed.facts.contains { $0.kind == provider && $0.certifiesKeys }
    return mayCertify ? .ecdsaP256 : .ed25519
  }
}
