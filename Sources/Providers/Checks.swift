import OpenSSH
import Sessions
import SystemIO

/// The strict grammar that everything a provider names has to pass before it is used.
struct Checks {
  let step: String

  func endpoint(_ host: String, _ port: Int, field: String = "host") throws(Failure) -> HostAndPort
  {
    guard Grammar.isHost(host) else { throw nonsense(field, "a host name or address") }
    guard let number = UInt16(exactly: port), number > 0 else {
      throw nonsense("port", "a port from 1 to 65535")
    }
    return HostAndPort(host: host, port: number)
  }

  func login(_ text: String, field: String) throws(Failure) -> String {
    guard Grammar.isLogin(text) else { throw nonsense(field, "a login name") }
    return text
  }

  func sessionID(_ text: String, field: String = "session_id") throws(Failure) -> String {
    guard Grammar.isSessionID(text) else { throw nonsense(field, "a session id") }
    return text
  }

  /// A segment of a URL's path. Encoded or not, `..` might be folded by a server on the way.
  func segment(_ text: String, field: String) throws(Failure) -> String {
    guard ![".", ".."].contains(text) else { throw nonsense(field, "a name") }
    return try token(text, field: field, limit: 253)
  }

  /// A piece of a path or a header: printable ASCII without spaces.
  func token(_ text: String, field: String, limit: Int = 8192) throws(Failure) -> String {
    guard (1...limit).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else { throw nonsense(field, "printable ASCII text") }
    return text
  }

  func certificate(_ line: String) throws(Failure) -> Certificate {
    do throws(Failure) {
      return try Certificate(line: line)
    } catch {
      throw at(error)
    }
  }

  func publicKey(_ line: String) throws(Failure) -> PublicKey {
    do throws(Failure) {
      return try PublicKey(line: line)
    } catch {
      throw at(error)
    }
  }

  /// The authority of a host trust, which has to be for this very endpoint.
  func authority(
    key: String, pattern: String, of endpoint: HostAndPort
  ) throws(Failure) -> Session.HostTrust {
    let authority = try publicKey(key)
    guard Grammar.isHostPattern(pattern) else { throw nonsense("host_pattern", "a host pattern") }
    let names = [endpoint.host, "[\(endpoint.host)]:\(endpoint.port)"]
    guard names.contains(where: { HostPattern.matches($0, pattern) }) else {
      throw Failure(
        .nonsense, step: step,
        "the host authority is for \(pattern.shown(limit: 80)), not for \(endpoint.host)")
    }
    return .authority(authority.line)
  }

  func nonsense(_ field: String, _ wanted: String) -> Failure {
    Failure(.nonsense, step: step, "\"\(field)\" in the answer is not \(wanted)")
  }

  private func at(_ failure: Failure) -> Failure {
    Failure(.nonsense, step: step, failure.message, hint: failure.hint)
  }
}
