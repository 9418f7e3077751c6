import OpenSSH
import SystemIO

/// The ssh that runs `prepare`, by its command line, where the system tells it.
enum CallingSSH {
  /// Whether it prints its configuration (`-G`) and connects to nothing.
  static var onlyPrints: Bool { options.contains { $0.letter == "G" } }

  /// The configuration that it was given by `-F`; `nil` for none.
  static var configurationFile: String? { options.last { $0.letter == "F" }?.value }

  private struct Option {
    let letter: Character
    /// Empty for a flag.
    let value: String
  }

  private static var options: [Option] {
    guard let words = OtherProcess.commandLine(of: OwnProcess.parent),
      OtherProcess.isOf("ssh", words)
    else { return [] }
    return options(of: words.map { String(decoding: $0, as: UTF8.self) })
  }

  /// Of a command line that ssh has taken. What a provider sends is judged: that is `SentCommand`'s.
  /// - Parameter words: the program's name first.
  private static func options(of words: [String]) -> [Option] {
    var found: [Option] = []
    var rest = words.dropFirst()
    var hasHost = false
    while let word = rest.popFirst() {
      // Behind it stand the host, unless that came before, and the remote command (getopt(3)).
      if word == "--" { return found }
      guard word.hasPrefix("-"), word != "-" else {
        // What follows the second word is the remote command's.
        if hasHost { return found }
        hasHost = true
        continue
      }
      var letters = word.dropFirst()
      while let letter = letters.popFirst() {
        guard SentCommand.valued.contains(letter) else {
          found.append(Option(letter: letter, value: ""))
          continue
        }
        found.append(
          Option(letter: letter, value: letters.isEmpty ? rest.popFirst() ?? "" : String(letters)))
        break
      }
    }
    return found
  }
}
