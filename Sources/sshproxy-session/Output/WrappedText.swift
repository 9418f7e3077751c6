import SystemIO

/// Text in a column: what does not fit goes on below, under its beginning. No word is broken.
enum WrappedText {
  /// - Parameters:
  ///   - indent: the columns in front of the text, on each line but the first.
  ///   - width: of the whole, in columns; `nil` for one line, as programs want it.
  static func lines(_ text: String, indent: Int, width: Int? = TerminalWidth.ofOutput) -> String {
    guard let width, indent + text.count > width else { return text }
    let margin = "\n" + String(repeating: " ", count: indent)
    var result = ""
    var column = indent
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if column == indent {
        result += word
        column += word.count
      } else if column + 1 + word.count <= width {
        result += " " + word
        column += 1 + word.count
      } else {
        result += margin + word
        column = indent + word.count
      }
    }
    return result
  }
}

extension [String] {
  /// `a, b or c`, for a sentence.
  func joined(last word: String) -> String {
    guard count > 1, let last else { return first ?? "" }
    return "\(dropLast().joined(separator: ", ")) \(word) \(last)"
  }
}
