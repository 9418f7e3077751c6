import SystemIO

/// What one step of `check` found.
struct Finding {
  enum State: String {
    case green
    /// ssh works, but not as well as it could.
    case yellow
    /// ssh does not work.
    case red
  }

  let state: State
  let detail: String
  /// What to do; there for all that is not green.
  var hint: String?
  /// What the program exits with for a red one.
  var status = ExitStatus.unreachable

  static func green(_ detail: String) -> Finding { Finding(state: .green, detail: detail) }

  static func yellow(_ detail: String, hint: String) -> Finding {
    Finding(state: .yellow, detail: detail, hint: hint)
  }

  static func red(_ detail: String, hint: String, status: ExitStatus) -> Finding {
    Finding(state: .red, detail: detail, hint: hint, status: status)
  }

  static func red(_ failure: Failure) -> Finding {
    red(failure.text, hint: Ownership.advice(on: failure), status: failure.exitStatus)
  }
}
