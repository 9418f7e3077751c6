/// A system call that failed, as the one error.
extension Failure {
  /// Of the kind `.inputOutput`.
  /// - Parameters:
  ///   - operation: what was being done, as a verb with its object: `open the session record`.
  ///   - number: errno(3).
  public init(_ operation: String, number: Int32 = errno) {
    let hint: String? =
      switch number {
      case ENOSPC, EDQUOT: "make room on that disk and run it again"
      case EROFS:
        "the disk is read-only: set XDG_STATE_HOME (and XDG_CONFIG_HOME, for keys) to a place that can be "
          + "written, and run `sshproxy setup` again"
      case EACCES, EPERM: "make it readable and writable for yourself alone"
      case EMFILE, ENFILE: "too many files are open; close some programs or raise `ulimit -n`"
      default: nil
      }
    self.init(
      .inputOutput, step: operation, Self.text(of: number), hint: hint, cause: .system(number))
  }

  /// The error number (errno(3)); 0 where no system call has failed.
  public var number: Int32 {
    if case .system(let number) = cause { number } else { 0 }
  }

  /// The C library's text for the number (strerror(3)), with a lower-case first letter as in all our
  /// messages.
  static func text(of number: Int32) -> String { inSentence(String(cString: strerror(number))) }

  /// Another's text with a lower-case first letter, unless its first word is an abbreviation.
  public static func inSentence(_ text: String) -> String {
    guard let first = text.first, !text.dropFirst().prefix(1).allSatisfy(\.isUppercase) else {
      return text
    }
    return first.lowercased() + text.dropFirst()
  }
}

/// Repeats a system call while it is interrupted by signals (EINTR).
@inline(__always)
package func retryingInterrupts<Result: BinaryInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
