import Sessions
import SystemIO

/// What may stand for an alias where a person logs in: `alias` or `user@alias`, as ssh has it.
struct Destination {
  let alias: Alias
  /// The login before the last `@`.
  let given: String?

  /// - Throws: `.usage`, naming the rule that `text` breaks.
  init(_ text: String) throws(Failure) {
    var rest = text[...]
    given = UserHostPort.takeUser(&rest).map(String.init)
    if let given, !Grammar.isLogin(given) {
      throw Failure(
        .usage, "\"\(given.sanitized(limit: 80))\" cannot be a login",
        hint: "leave out what stands before the @")
    }
    alias = try Alias(String(rest))
  }

  /// As `ownLogin`. Where the login is the session's, a note says so if another was given.
  func login(for session: Session) -> String? {
    if let problem = problem(with: session) { Report.line("note: \(alias.spelling): \(problem)") }
    return ownLogin(for: session)
  }

  /// The alias as ssh is given it, with the login that the user gave where that counts.
  func host(for session: Session) -> String {
    ownLogin(for: session).map { "\($0)@\(alias.spelling)" } ?? alias.spelling
  }

  /// The login that the user gave, where it is the user's to give.
  func ownLogin(for session: Session) -> String? { session.bringsLogin ? nil : given }

  /// Why the given login does not get in, as a clause.
  func problem(with session: Session) -> String? {
    guard let given, session.bringsLogin, session.loginName != given else { return nil }
    let own = session.loginName ?? "a secret"
    return "its login is \(own), given by the provider, and not \(given): leave out \(given)@"
  }
}
