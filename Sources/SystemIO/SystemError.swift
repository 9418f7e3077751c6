/// A system call that failed: its errno and what was being done.
public struct SystemError: Error, Equatable, Sendable {
  /// The error number (errno(3)).
  public let number: Int32
  /// What was being done, as a verb with its object: `open the session record`.
  public let operation: String

  public init(_ operation: String, number: Int32 = errno) {
    self.number = number
    self.operation = operation
  }

  /// The C library's text for the number (strerror(3)), with a lower-case first letter as in all our
  /// messages.
  public var reason: String {
    let text = String(cString: strerror(number))
    guard let first = text.first, !text.dropFirst().prefix(1).allSatisfy(\.isUppercase) else {
      return text
    }
    return first.lowercased() + text.dropFirst()
  }

  /// The same as a `Failure` of the kind `.inputOutput`.
  public var failure: Failure {
    let hint: String? =
      switch number {
      case ENOSPC, EDQUOT: "make room on that disk and run it again"
      case EROFS:
        "the disk is read-only: set XDG_STATE_HOME to a place that can be written, and run "
          + "`sshproxy setup` again"
      case EACCES, EPERM: "make it readable and writable for yourself alone"
      case EMFILE, ENFILE: "too many files are open; close some programs or raise `ulimit -n`"
      default: nil
      }
    return Failure(.inputOutput, step: operation, reason, hint: hint)
  }
}

/// Repeats a system call while it is interrupted by signals (EINTR).
@inline(__always)
public func retryingInterrupts<Result: BinaryInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

/// Runs `body` and turns its `SystemError` into a `Failure`.
public func reportingFailure<Result: ~Copyable>(
  _ body: () throws(SystemError) -> Result
) throws(Failure) -> Result {
  do {
    return try body()
  } catch {
    throw error.failure
  }
}
