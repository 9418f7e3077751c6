/// A name that ssh may be given. Letters of either case are one alias, as ssh's own
/// `Match originalhost` sees them.
///
/// Letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit, no `..`, at most 253
/// characters: nothing in it can be an option, a path, a pattern or a word of a shell. Suffixes and ids
/// have the same grammar.
public struct Alias: Hashable, Sendable {
  /// The alias in lower case: its identity, and its name on the disk.
  public let name: String
  /// The alias as it was given.
  public let spelling: String

  /// - Returns: `nil` when the text breaks a rule; `broken` says which.
  public init?(reading text: String) {
    guard Self.broken(by: text) == nil else { return nil }
    spelling = text
    name = String(decoding: text.utf8.map(\.lowercased), as: UTF8.self)
  }

  public static func == (one: Alias, other: Alias) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// The longest alias, in characters.
  public static let longest = 253

  /// The rule that a text breaks, as the end of a sentence; `nil` when the text is a name.
  public static func broken(by text: String) -> String? {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last else { return "it is empty" }
    if bytes.count > longest { return "it is longer than \(longest) characters" }
    if !first.isAlphanumeric { return "it does not begin with a letter or digit" }
    if !last.isAlphanumeric { return "it does not end in a letter or digit" }
    if Grammar.hasDoubleDot(text) { return "it has two dots in a row" }
    guard bytes.allSatisfy({ $0.isAlphanumeric || $0 == "." || $0 == "_" || $0 == "-" }) else {
      return "it has a character other than letters, digits, dot, dash and underscore"
    }
    return nil
  }
}
