internal import CSystem

/// Whether a descriptor is a terminal (isatty(3)).
public func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

/// How wide what people read may be.
public enum TerminalWidth {
  /// Where a terminal does not tell.
  public static let usual = 80
  /// Narrower than this, words in columns cannot be read at all.
  private static let least = 40

  /// The columns of the terminal that standard output is; `nil` where it is none.
  public static var ofOutput: Int? { of(STDOUT_FILENO) }

  /// The columns of the terminal that a descriptor is; `nil` where it is none.
  public static func of(_ descriptor: Int32) -> Int? {
    guard isTerminal(descriptor) else { return nil }
    let columns = Int(csystem_columns(descriptor))
    return columns == 0 ? usual : max(columns, least)
  }
}

/// A terminal that does not show what is typed.
public enum SilentTerminal {
  /// What ends or stops a program that a person sits at.
  private static let stopping = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  /// Signals are held back until the terminal shows again what is typed, and take effect after that.
  /// - Parameter body: is given a way to ask whether a signal has come.
  /// - Throws: `.inputOutput` when the descriptor is no terminal, and what `body` throws.
  public static func during<Result>(
    _ descriptor: Int32, _ body: (_ signalHasCome: () -> Bool) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var shown = termios()
    guard tcgetattr(descriptor, &shown) == 0 else { throw Failure("use the terminal") }
    var signals = signalSet(stopping)
    var before = sigset_t()
    sigprocmask(SIG_BLOCK, &signals, &before)
    var silent = shown
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(descriptor, TCSAFLUSH, &silent)
    defer {
      tcsetattr(descriptor, TCSAFLUSH, &shown)
      sigprocmask(SIG_SETMASK, &before, nil)
    }
    return try body {
      var pending = sigset_t()
      sigpending(&pending)
      return stopping.contains { sigismember(&pending, $0) == 1 }
    }
  }
}

/// The one live line of a long wait on a terminal (`waking dm-abc … 7 s`). It is erased when the
/// wait ends.
public final class LiveLine {
  /// Nothing is shown before this time, in milliseconds.
  private static let threshold = 500

  private var text: String
  /// Of the terminal, in columns; `nil` for none.
  private let width: Int?
  private let write: (String) -> Void
  private let start = Moment.now
  private var shown: Int?

  /// - Parameters:
  ///   - width: of the terminal, in columns; if there is none, nothing is ever shown.
  ///   - write: writes to that terminal.
  public init(_ text: String, width: Int?, write: @escaping (String) -> Void) {
    self.width = width
    self.write = write
    self.text = ""
    change(to: text)
  }

  /// Sets what is being waited for.
  public func change(to text: String) {
    // With the seconds behind it, it has to stay one line, or it could not be erased.
    let next = text.sanitized(limit: min(60, (width ?? TerminalWidth.usual) - 12))
    guard next != self.text else { return }
    clear()
    self.text = next
  }

  /// Updates the seconds; to be called a few times a second.
  public func tick() {
    let elapsed = Moment.now - start
    guard width != nil, elapsed >= Self.threshold, shown != elapsed / 1000 else { return }
    shown = elapsed / 1000
    write("\r\u{1b}[K\(text) … \(elapsed / 1000) s")
  }

  /// Erases the line.
  public func clear() {
    if shown != nil { write("\r\u{1b}[K") }
    shown = nil
  }
}

/// What `-v` shows: each step with the milliseconds since the start.
public struct Trace {
  /// Whether anything is shown.
  public let isOn: Bool
  private let say: (String) -> Void
  private let start = Moment.now

  /// - Parameters:
  ///   - isOn: whether `-v` was given; if not, nothing is ever shown.
  ///   - say: writes a line for a person.
  public init(isOn: Bool, say: @escaping (String) -> Void) {
    self.isOn = isOn
    self.say = say
  }

  /// - Parameter step: is made only where it is shown.
  public func callAsFunction(_ step: @autoclosure () -> String) {
    if isOn { say("\(Moment.now - start) ms: \(step())") }
  }
}

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
