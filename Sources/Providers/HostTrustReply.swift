import Grammar
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
    guard endpoint.knownHostsNames.contains(where: { HostPattern.matches($0, pattern) }) else {
      throw Failure(
        .invalidResponse, step: step,
        "the host authority is for \(pattern.sanitized(limit: 80)), not for \(endpoint.host)")
    }
    return .authority(authority)
  }
}

/// The `host_trust` of a program of one's own (examples/provider/README.md): how the host proves its
/// identity.
enum CommandHostTrust {
  case authority(HostTrustReply)
  /// A host key, as a public key line.
  case hostKey(String)
  /// Lines of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
  case knownHosts([String])
  case trustOnFirstUse

  /// The most lines that are read.
  private static let most = 64

  init(_ answer: Answer) throws(Failure) {
    switch try answer.text("kind") {
    case "authority": self = .authority(try HostTrustReply(answer))
    case "host_key": self = .hostKey(try answer.text("public_key"))
    case "known_hosts": self = .knownHosts(try answer.texts("lines", most: Self.most))
    case "trust_on_first_use": self = .trustOnFirstUse
    default:
      throw Failure(
        .invalidResponse, step: answer.step,
        "\"host_trust.kind\" in the answer is none that is known",
        hint: "it is authority, host_key, known_hosts or trust_on_first_use")
    }
  }
}

extension Validator {
  /// - Throws: `.invalidResponse` for a key that is none, and for lines that name no key of this endpoint.
  func hostTrust(
    _ trust: CommandHostTrust, of endpoint: HostAndPort
  ) throws(Failure) -> Session.HostTrust {
    switch trust {
    case .trustOnFirstUse: return .trustOnFirstUse
    case .authority(let reply): return try authority(reply, of: endpoint)
    case .hostKey(let line): return .hostKeys([try publicKey(line)])
    case .knownHosts(let lines):
      let known = KnownHosts([lines.joined(separator: "\n")])
      let found = known.lookup(host: endpoint.host, port: Int(endpoint.port))
      let revoked = known.revoked(host: endpoint.host, port: Int(endpoint.port))
      let keys = found.keys.filter { !revoked.contains($0) }
      let authority = found.authorities.first { !revoked.contains($0) }
      if keys.isEmpty, let authority { return .authority(authority) }
      guard !keys.isEmpty else {
        throw Failure(
          .invalidResponse, step: step,
          "no line of \"host_trust.lines\" in the answer has a key of "
            + endpoint.knownHostsName)
      }
      return .hostKeys(keys)
    }
  }
}
