internal import Grammar

/// A place in a JSON text (RFC 6901): `/data/ip`.
public struct JSONPointer: Sendable, Equatable {
  /// As it was written.
  public let text: String
  private let tokens: [String]

  /// - Returns: `nil` for a text that is no pointer, and for the empty one, which is to the whole text.
  public init?(_ text: String) {
    guard text.hasPrefix("/"), text.utf8.count <= 1024 else { return nil }
    var tokens: [String] = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      // ~ begins ~0 or ~1 and nothing else.
      let pieces = part.split(separator: "~", omittingEmptySubsequences: false)
      guard pieces.dropFirst().allSatisfy({ $0.first == "0" || $0.first == "1" }) else {
        return nil
      }
      tokens.append(
        pieces.dropFirst().reduce(String(pieces[0])) { token, piece in
          token + (piece.first == "1" ? "/" : "~") + piece.dropFirst()
        })
    }
    self.text = text
    self.tokens = tokens
  }

  /// What stands there; `nil` for nothing.
  public func value(in json: JSONValue) -> JSONValue? {
    var found = json
    for token in tokens {
      switch found {
      case .object(let members):
        guard let next = members[token] else { return nil }
        found = next
      case .array(let list):
        let isIndex =
          token.utf8.allSatisfy(\.isDigit)
          && (token == "0" || !token.hasPrefix("0"))
        guard isIndex, let index = Int(token), index < list.count else { return nil }
        found = list[index]
      default: return nil
      }
    }
    return found
  }
}
