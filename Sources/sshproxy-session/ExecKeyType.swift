import OpenSSH
import SSHClient
import Sessions

extension ExecEntry {
  /// The kind of key that libssh2 can use for this target: up to 1.10 it takes certificates of
  /// ECDSA keys alone. Elsewhere ssh's session serves as well.
  var keyType: KeyType {
    guard !SSHSession.takesEd25519Certificates else { return .ed25519 }
    switch target.provider {
    case .prime, .tensorpool, .static: return .ed25519
    case .dedalus: return .ecdsaP256
    // Only a session shows whether such a provider certifies keys.
    case .command: return .ecdsaP256
    }
  }
}
