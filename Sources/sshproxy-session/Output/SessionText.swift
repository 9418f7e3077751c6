import SessionRecord
import Sessions
import SystemIO

/// A stored session as `resolve` and `sessions` show it: no key, no token, no preamble.
struct SessionText {
  private let stored: StoredSession

  init(_ stored: StoredSession) {
    self.stored = stored
  }

  private var session: Session { stored.session }

  /// The members of a session's object, documented in docs/commands.md.
  var members: [(String, JSONText)] {
    [
      ("session_id", .optional(session.id)), ("login", .optional(session.loginName)),
      ("host", .text(session.endpoint.host)), ("port", .number(Int64(session.endpoint.port))),
      ("proxy_jump", .optional(session.jumpText)), ("identity", .text(identity)),
      ("host_trust", .text(hostTrust)), ("created_at", .time(stored.record.created)),
      ("expires_at", .time(stored.record.expires)), ("directory", .text(stored.directory)),
    ]
  }

  var json: JSONText { .object(members) }

  /// Names and values for a person.
  var lines: [(String, String)] {
    let login = session.hasSecretLogin ? "a secret" : "as ssh's own configuration says"
    var lines = [("login", session.loginName ?? login)]
    lines.append(("endpoint", stored.record.endpoint.words))
    if let jump = session.jumpText { lines.append(("through", jump)) }
    lines.append(("key", keyWords))
    lines.append(("host trust", trustWords))
    let end = stored.record.expires
    lines.append(("expires", "\(TimeText.utc(end)) (\(TimeText.left(until: end)))"))
    return lines
  }

  private var identity: String {
    switch session.login {
    case .sessionKey(_, .some): "certificate"
    case .sessionKey(_, nil): "session-key"
    case .users: "own"
    case .secret: "secret-login"
    }
  }

  private var keyWords: String {
    switch session.login {
    case .sessionKey(_, .some): "the session's own, with a certificate"
    case .sessionKey(_, nil): "the session's own"
    case .secret: "none: the login lets in without one"
    case .users(_, let file): file.map { "yours: \($0.sanitized())" } ?? "yours, as ssh chooses it"
    }
  }

  private var hostTrust: String {
    switch session.hostTrust {
    case .authority: "authority"
    case .hostKeys: "host_key"
    case .trustOnFirstUse: "trust_on_first_use"
    case .users: "users"
    }
  }

  private var trustWords: String {
    switch session.hostTrust {
    case .authority: "the provider's authority vouches for the host"
    case .hostKeys: "the provider names the host's key"
    case .trustOnFirstUse:
      "trusted on first use, for the session's life: the provider names no host key"
    case .users: "your own known hosts"
    }
  }
}
