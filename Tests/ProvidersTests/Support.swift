import Configuration
import OpenSSH
import SystemIO
import Testing

@testable import Providers

/// An API with the key `secret`, at a server of the test's.
func api(
  _ server: ScriptedAPI, header: APIKey.Header = .bearer,
  headers: [(name: String, value: String)] = []
) throws -> ProviderAPI {
  ProviderAPI(
    client: HTTPClient(caller: .nobody, environment: [:]), base: server.url,
    key: try APIKey("secret", origin: "a test", header: header), headers: headers)
}

func publicKey() throws -> PublicKey {
  let pair = try KeyPair.generate(.ed25519)
  return pair.publicKey
}
