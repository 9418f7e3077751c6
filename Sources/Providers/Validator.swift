package import Grammar
import OpenSSH
package import Sessions
package import SystemIO

/// Checks every value of a provider's answer against a strict grammar before it is used. All checks
/// throw `.invalidResponse`, naming the field.
package struct Validator {
  let step: String

  /// - Parameter step: what is being done, for messages.
  package init(step: String) { self.step = step }

  /// A host by the grammar, and a port from 1 to 65535.
  package func endpoint(_ host: String, _ port: Int, field: String = "host") throws(Failure)
    -> HostAndPort
  {
    guard Grammar.isHost(host) else { throw invalidResponse(field, "a host name or address") }
    guard let number = UInt16(exactly: port), number > 0 else {
      throw invalidResponse("port", "a port from 1 to 65535")
    }
    return HostAndPort(host: host, port: number)
  }

  /// A login name by the grammar.
  package func login(_ text: String, field: String) throws(Failure) -> String {
    guard Grammar.isLogin(text) else { throw invalidResponse(field, "a login name") }
    return text
  }

  /// A login name that lets in without a key: what is too short could be guessed, and could not be struck
  /// out of texts.
  package func secretLogin(_ text: String, field: String) throws(Failure) -> SecretLogin {
    guard Grammar.isLogin(text), text.utf8.count >= 16 else {
      throw invalidResponse(field, "a login name of 16 characters or more")
    }
    return SecretLogin(text)
  }

  /// A session id by the grammar.
  package func sessionID(_ text: String, field: String = "session_id") throws(Failure) -> String {
    guard Grammar.isSessionID(text) else { throw invalidResponse(field, "a session id") }
    return text
  }

  /// A segment of a URL's path. `..` is refused, because even encoded it might be resolved by a server
  /// on the way.
  package func segment(_ text: String, field: String) throws(Failure) -> String {
    guard ![".", ".."].contains(text) else { throw invalidResponse(field, "a name") }
    return try token(text, field: field, limit: 253)
  }

  /// A part of a path or header: printable ASCII without spaces.
  /// - Parameter limit: in bytes.
  package func token(_ text: String, field: String, limit: Int = 8192) throws(Failure) -> String {
    guard Grammar.isToken(text, longest: limit) else {
      throw invalidResponse(field, "printable ASCII text")
    }
    return text
  }

  func certificate(_ line: String) throws(Failure) -> Certificate {
    try parsed { () throws(Failure) in try Certificate(line: line) }
  }

  func publicKey(_ line: String) throws(Failure) -> PublicKey {
    try parsed { () throws(Failure) in try PublicKey(line: line) }
  }

  /// Where an ssh command leads. It is read, and never run.
  /// - Parameter home: what `~` in it stands for.
  func place(ofCommand text: String, home: String) throws(Failure) -> Instance.Place {
    let command = try parsed { () throws(Failure) in try SentCommand(parsing: text, home: home) }
    return Instance.Place(
      host: command.host, port: command.port, login: command.login,
      identityFile: command.identityFile, jump: command.jump, options: command.options)
  }

  /// - Parameter field: what says so, where the answer has more than one machine's id.
  /// - Throws: `.invalidResponse` for an answer about another machine than the one that was asked about.
  func expect(_ machine: String, toBe expected: String, field: String? = nil) throws(Failure) {
    guard machine != expected else { return }
    throw Failure(
      .invalidResponse, step: step,
      (field.map { "\"\($0)\": " } ?? "")
        + "the answer is about another machine, \(machine.sanitized(limit: 60))")
  }

  func lacking(_ field: String) -> Failure {
    Failure(.invalidResponse, step: step, "the answer lacks \"\(field)\"")
  }

  func invalidResponse(_ field: String, _ wanted: String) -> Failure {
    Failure(.invalidResponse, step: step, "\"\(field)\" in the answer is not \(wanted)")
  }

  private func parsed<Value>(_ parse: () throws(Failure) -> Value) throws(Failure) -> Value {
    do throws(Failure) {
      return try parse()
    } catch {
      throw Failure(.invalidResponse, step: step, error.message, hint: error.hint)
    }
  }
}
