import OpenSSH
import SSHClient
import Sessions

extension Target {
  /// The kind of key for whom the session is made: ssh, or with the route `jump` libssh2.
  var keyType: KeyType { route == .direct ? .ed25519 : keyTypeForLibSSH2 }

  /// The kind of key that libssh2 can use for this target: up to 1.10 it takes certificates of
  /// ECDSA keys alone. Elsewhere ssh's session serves as well.
  var keyTypeForLibSSH2: KeyType {
    guard !SSHSession.takesEd25519Certificates else { return .ed25519 }
    switch provider {
    case .prime, .tensorpool, .static: return .ed25519
    case .dedalus: return .ecdsaP256
    // Only a session shows whether such a provider certifies keys.
    case .command: return .ecdsaP256
    }
  }
}
