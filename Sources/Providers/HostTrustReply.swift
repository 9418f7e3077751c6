import OpenSSH
import Sessions
import SystemIO

/// The `host_trust` of an answer: by whose certificate the host proves its identity.
struct HostTrustReply {
  let kind: String
  let hostPattern: String
  let publicKey: String

  init(_ answer: Answer) throws(Failure) {
    kind = try answer.text("kind")
    hostPattern = try answer.text("host_pattern")
    publicKey = try answer.text("public_key")
  }
}

extension Validator {
  /// The authority that vouches for the host.
  /// - Throws: `.invalidResponse` unless its pattern matches this endpoint.
  func authority(
    _ trust: HostTrustReply, of endpoint: HostAndPort
  ) throws(Failure) -> Session.HostTrust {
    let authority = try publicKey(trust.publicKey)
    let pattern = trust.hostPattern
    guard Grammar.isHostPattern(pattern) else {
      throw invalidResponse("host_pattern", "a host pattern")
    }
    let names = [endpoint.host, "[\(endpoint.host)]:\(endpoint.port)"]
    guard names.contains(where: { HostPattern.matches($0, pattern) }) else {
      throw Failure(
        .invalidResponse, step: step,
        "the host authority is for \(pattern.sanitized(limit: 80)), not for \(endpoint.host)")
    }
    return .authority(authority)
  }
}
