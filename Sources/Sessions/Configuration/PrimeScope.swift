internal import SystemIO

/// Which of a user's accounts at Prime Intellect is asked: the personal one or a team's, in which context
/// of the vendor's own client.
public struct PrimeScope: Sendable, Equatable {
  /// The team's id; `nil` for the personal scope.
  public let team: String?
  /// The variable or file that says so; `nil` where nothing does.
  public let teamOrigin: String?
  public let context: String?
  public let contextOrigin: String?

  /// For people: `team t-1 (PRIME_TEAM_ID), context work (PRIME_CONTEXT)`.
  public var text: String {
    let origin = teamOrigin.map { " (\($0))" } ?? ""
    let scope = team.map { "team \($0.sanitized(limit: 60))" } ?? "personal scope"
    guard let context, let contextOrigin else { return scope + origin }
    return "\(scope)\(origin), context \(context.sanitized(limit: 60)) (\(contextOrigin))"
  }

  /// Whether nothing chose it: the personal scope, without a context.
  public var isUsual: Bool { teamOrigin == nil && context == nil }

  /// The built-in context: the default address and no team.
  static let production = "production"

  /// The vendor's grammar of a context's name: `[a-zA-Z0-9_-]+`.
  static func isContext(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        $0.isAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      }
  }

  static func contextProblem(_ text: String) -> String {
    "\"\(text.sanitized(limit: 60))\" cannot be a context: letters, digits, dashes and underscores"
  }

  /// It is sent in each URL of a list.
  static func isTeam(_ text: String) -> Bool { Organization.allows(text) }

  static func teamProblem(_ text: String) -> String {
    "\"\(text.sanitized(limit: 60))\" cannot be a team: 1 to 256 printable ASCII characters without spaces"
  }
}
