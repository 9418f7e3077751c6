/// The exit statuses of both programs: `sysexits.h`, as the command reference lists them.
public enum ExitStatus: Int32, Sendable {
  /// All went well.
  case done = 0
  /// A word on the command line cannot be used.
  case usage = 64
  /// The provider's answer makes no sense.
  case invalidResponse = 65
  /// There is no such alias, or no such machine at the provider.
  case notFound = 68
  /// Nothing answers, or the provider says no for good.
  case unreachable = 69
  /// A fault of this program.
  case internalError = 70
  /// The system refuses a file, a program or a socket of ours.
  case inputOutput = 74
  /// Running it again can help.
  case tryAgain = 75
  /// The key is refused or missing.
  case denied = 77
  /// What the user has configured cannot be used.
  case configuration = 78
}

/// What went wrong: the step that failed, a clause for a person, and what to do about it.
///
/// The one error type of the project. Decisions are made on `kind`, never on a text.
public struct Failure: Error, Equatable, Sendable {
  /// What kind of thing went wrong; its raw value is the word for it in JSON.
  public enum Kind: String, Equatable, Sendable, CaseIterable {
    /// A word on the command line cannot be used.
    case usage
    /// The provider's answer makes no sense, or was not to be trusted.
    case invalidResponse = "invalid_response"
    /// No such alias, or no such machine.
    case notFound = "not_found"
    /// No connection, or none in time.
    case unreachable
    /// The provider says no for good.
    case rejected
    /// Asking again later can help.
    case temporary
    /// The key is refused or missing.
    case denied
    /// What the user has configured cannot be used.
    case configuration
    /// The system refuses a file, a program or a socket of ours.
    case inputOutput = "input_output"
    /// A fault of this program.
    case internalError = "internal_error"
    /// Nobody waits for the answer any more: ssh is gone, or a signal said stop.
    case cancelled

    /// What the program ends with.
    public var exitStatus: ExitStatus {
      switch self {
      case .usage: .usage
      case .invalidResponse: .invalidResponse
      case .notFound: .notFound
      case .unreachable, .rejected: .unreachable
      case .temporary, .cancelled: .tryAgain
      case .denied: .denied
      case .configuration: .configuration
      case .inputOutput: .inputOutput
      case .internalError: .internalError
      }
    }
  }

  /// What it came from, where a decision depends on it.
  public enum Cause: Equatable, Sendable {
    /// A system call's error number (errno(3)).
    case system(Int32)
    /// A lookup's (getaddrinfo(3)).
    case lookup(Int32)
    /// No connection was made, so nothing of a request can have been carried out.
    case notConnected
    /// A connection broke, or no answer came in time; the other side may have read the request.
    case connectionLost
    /// A program that has told the person all there is to tell, and ended with this status.
    case reported(status: Int32)
  }

  /// What the exit status says.
  public var kind: Kind
  /// What was being done, as a verb with its object: `authorize the key`. May be empty.
  public var step: String
  /// What went wrong: a clause in lower case without a full stop, free of control characters.
  public var message: String
  /// What the person can do, in the same form; `nil` where the kind says it all (`advice`).
  public var hint: String?
  /// How long the provider asks to wait before the next try, in milliseconds.
  public var retryAfter: Int?
  /// `nil` where no decision depends on it.
  public var cause: Cause?
  /// The alias or the provider that it is about, as the person spelled it; `nil` where that is not known.
  public var subject: String?

  /// - Parameters: see the properties; `subject` is `about`'s to say.
  public init(
    _ kind: Kind, step: String = "", _ message: String, hint: String? = nil,
    retryAfter: Int? = nil, cause: Cause? = nil
  ) {
    self.cause = cause
    self.kind = kind
    self.step = step
    self.message = message
    self.hint = hint
    self.retryAfter = retryAfter
  }

  /// The same, said of an alias or a provider.
  public func about(_ subject: String) -> Failure {
    var failure = self
    failure.subject = subject
    return failure
  }

  /// The end of a run whose failure another program has reported already.
  /// - Parameter status: the exit status to end with.
  public static func reported(_ status: Int32) -> Failure {
    let kind = Kind.allCases.first { $0.exitStatus.rawValue == status }
    return Failure(
      kind ?? .internalError, "it has been reported", cause: .reported(status: status))
  }

  /// Whether the person has been told already.
  public var isReported: Bool {
    if case .reported = cause { true } else { false }
  }

  /// The status to end with.
  public var status: Int32 {
    if case .reported(let status) = cause { status } else { exitStatus.rawValue }
  }

  /// The kind's; `status` is that of a program that has reported it, too.
  public var exitStatus: ExitStatus { kind.exitStatus }

  /// What was being done and what went wrong, in one line.
  public var text: String { [step, message].filter { !$0.isEmpty }.joined(separator: ": ") }

  /// The two lines that tell a person of it; none where nobody is left to read them, or it has been read.
  /// - Parameter advice: what else than `advice` the person can do.
  public func lines(advice: String? = nil) -> [String] {
    guard kind != .cancelled, !isReported else { return [] }
    return [
      "error: " + (subject.map { $0 + ": " } ?? "") + text, "hint: " + (advice ?? self.advice),
    ]
  }

  /// What the person can do: no failure is without it.
  public var advice: String {
    if let hint { return hint }
    return switch kind {
    case .usage: "`sshproxy help` shows the commands"
    case .notFound: "`sshproxy list` shows what there is"
    case .unreachable, .temporary: "check the network and the provider's status, and run it again"
    case .denied: "run `sshproxy login PROVIDER`"
    case .configuration: "correct the configuration: `sshproxy check` looks through it"
    case .inputOutput: "look at the file's owner and mode, and at the room on the disk"
    case .rejected: "look at the machine at the provider"
    case .invalidResponse: "the provider's API may have changed: look for a newer sshproxy"
    case .internalError, .cancelled: "run it again with -v, and report it"
    }
  }
}
