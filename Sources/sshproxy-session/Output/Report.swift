import ArgumentParser
import SystemIO

/// Everything that people read about a failure: one `sshproxy: error: …` line and one
/// `sshproxy: hint: …`, on standard error, in lower case and without a full stop.
enum Report {
  /// Says what went wrong.
  /// - Returns: the exit status.
  static func of(_ error: any Error) -> Int32 {
    switch error {
    case let failure as Failure: return say(failure)
    case let code as ExitCode: return code.rawValue
    default: return parsing(error)
    }
  }

  private static func say(_ failure: Failure) -> Int32 {
    // Nobody is left to read it.
    guard failure.kind != .cancelled else { return failure.exitStatus.rawValue }
    line("error: " + (failure.subject.map { $0 + ": " } ?? "") + failure.text)
    line("hint: " + Ownership.advice(on: failure))
    return failure.exitStatus.rawValue
  }

  /// Help and version go to standard output; what ArgumentParser does not understand is a usage
  /// error.
  private static func parsing(_ error: any Error) -> Int32 {
    guard Root.exitCode(for: error) != .success else {
      print(Root.fullMessage(for: error))
      return ExitStatus.done.rawValue
    }
    let message = Root.message(for: error)
    let text = message.split(separator: "\n").first.map(String.init) ?? "the command line is wrong"
    line("error: " + text.prefix(1).lowercased() + trimmed(text.dropFirst()))
    line("hint: `sshproxy help` shows the commands, `sshproxy help COMMAND` one of them")
    return ExitStatus.usage.rawValue
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.hasSuffix(".") ? text.dropLast() : text).sanitized(limit: 300)
  }

  /// One line on standard error; on a terminal that is too narrow for it, several.
  static func line(_ text: String) { write(WrappedText.message(text, on: STDERR_FILENO) + "\n") }

  static func write(_ text: String) { SystemTransfer.write(STDERR_FILENO, text) }
}
