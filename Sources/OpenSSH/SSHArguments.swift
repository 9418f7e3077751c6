/// The words behind `ssh`, read as ssh's `main` reads them by getopt(3): options, the destination, more options,
/// and the remote command. What an option means is for whoever asks.
package struct SSHArguments: Sequence, IteratorProtocol {
  /// What comes next.
  package enum Part {
    /// The value is `nil` for a flag, and where it is missing.
    case option(Character, value: String?)
    /// The host, as it was written.
    case destination(String)
    /// A remote command, in which ssh looks for no more options.
    case command
  }

  /// The letters of ssh's options that take a value (ssh(1)).
  private static let valued = Set("BbcDEeFIiJLlmOoPpQRSWw")

  private var words: ArraySlice<String>
  /// What is left of a word with several letters.
  private var letters: Substring = ""
  private var hasDestination = false
  /// Whether `--` has come: what follows is the destination, unless that came before, and the command.
  private var optionsAreOver = false

  /// - Parameter words: without the program's name.
  package init(_ words: ArraySlice<String>) {
    self.words = words
  }

  /// - Returns: `nil` at the end, and behind a remote command's first word.
  package mutating func next() -> Part? {
    if let letter = letters.popFirst() { return option(letter) }
    guard let word = words.popFirst() else { return nil }
    guard optionsAreOver || !word.hasPrefix("-") || word == "-" else {
      if word == "--" { optionsAreOver = true } else { letters = word.dropFirst() }
      return next()
    }
    guard !hasDestination else {
      words = []
      return .command
    }
    hasDestination = true
    return .destination(word)
  }

  private mutating func option(_ letter: Character) -> Part {
    guard Self.valued.contains(letter) else { return .option(letter, value: nil) }
    defer { letters = "" }
    return .option(letter, value: letters.isEmpty ? words.popFirst() : String(letters))
  }
}
