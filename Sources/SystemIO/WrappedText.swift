/// Text in a column: what does not fit goes on below, under its beginning. No word is broken, nor a command in
/// backquotes that fits into a line of its own: it is there to be copied.
public enum WrappedText {
  /// - Parameters:
  ///   - indent: the columns in front of the text, on each line but the first.
  ///   - width: of the whole, in columns; `nil` for one line, as programs want it.
  public static func lines(
    _ text: String, indent: Int, width: Int? = TerminalWidth.ofOutput
  ) -> String {
    guard let width, indent + text.count > width else { return text }
    let margin = "\n" + String(repeating: " ", count: indent)
    var result = ""
    var column = indent
    for word in words(text, room: width - indent) {
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

  /// One of our lines on standard error, which begin with `sshproxy: `.
  public static func message(_ text: String, on descriptor: Int32) -> String {
    let name = "sshproxy: "
    return name + lines(text, indent: name.count, width: TerminalWidth.of(descriptor))
  }

  private static func words(_ text: String, room: Int) -> [String] {
    var result: [String] = []
    var open: String?
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let whole = open.map { $0 + " " + word } ?? String(word)
      if whole.count(where: { $0 == "`" }).isMultiple(of: 2) {
        result += whole.count <= room ? [whole] : whole.split(separator: " ").map(String.init)
        open = nil
      } else {
        open = whole
      }
    }
    return result + (open?.split(separator: " ").map(String.init) ?? [])
  }
}

extension [String] {
  /// `a, b or c`, for a sentence.
  public func joined(last word: String) -> String {
    guard count > 1, let last else { return first ?? "" }
    return "\(dropLast().joined(separator: ", ")) \(word) \(last)"
  }
}
