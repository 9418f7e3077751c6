import OpenSSH
import SystemIO

/// The ssh that runs `prepare`, by its command line, where the system tells it.
enum CallingSSH {
  /// Whether it prints its configuration (`-G`) and connects to nothing.
  static var onlyPrints: Bool { options.contains { $0.letter == "G" } }

  /// The configuration that it was given by `-F`; `nil` for none.
  static var configurationFile: String? { options.last { $0.letter == "F" }?.value }

  private static var options: [(letter: Character, value: String?)] {
    guard let words = OtherProcess.commandLine(of: OwnProcess.parent),
      OtherProcess.isOf("ssh", words)
    else { return [] }
    let texts = words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    return SSHArguments(texts[...]).compactMap { part in
      if case .option(let letter, let value) = part { (letter, value) } else { nil }
    }
  }
}
