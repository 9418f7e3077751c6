import Configuration
import OpenSSH
import SystemIO
import Testing

@testable import Providers

/// Nobody who could go away.
var nobody: HangUpMonitor { HangUpMonitor(output: -1) }

/// An API with the key `secret`, at a server of the test's.
func api(
  _ server: ScriptedAPI, header: APIKey.Header = .bearer,
  headers: [(name: String, value: String)] = []
) throws -> ProviderAPI {
  ProviderAPI(
    client: HTTPClient(caller: nobody, environment: [:]), base: server.url,
    key: try APIKey("secret", origin: "a test", header: header), headers: headers)
}

func publicKey() throws -> PublicKey {
  let pair = try KeyPair.generate(.ed25519)
  return pair.publicKey
}

/// The failure that the work ends in.
func failure(
  _ sourceLocation: SourceLocation = #_sourceLocation, of work: () throws -> Any
) -> Failure? {
  do {
    Issue.record("no failure but \(try work())", sourceLocation: sourceLocation)
  } catch {
    if let failure = error as? Failure { return failure }
    Issue.record("another error: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}
