import Sessions
import SystemIO

/// Reads an API key: one line from a terminal, without showing it, or all of any other input.
struct KeyPrompt {
  private let title: String
  /// How the key will be sent.
  private let header: APIKey.Header

  init(_ title: String, header: APIKey.Header) {
    self.title = title
    self.header = header
  }

  /// - Throws: `.usage` when nothing was entered, `.configuration` when it cannot be a key,
  ///   `.cancelled` when a signal came or the caller is gone.
  func read(caller: HangUpMonitor) throws(Failure) -> APIKey {
    let isTerminal = isatty(STDIN_FILENO) == 1
    var bytes = isTerminal ? try typed(caller) : try piped(caller)
    defer { bytes.wipe() }
    guard bytes.contains(where: { $0 > 0x20 }) else {
      throw Failure(
        .usage, "no key was given",
        hint: isTerminal ? nil : "pipe the key in, or run it on a terminal and type it")
    }
    return try APIKey(
      String(decoding: bytes, as: UTF8.self), origin: isTerminal ? "what was typed" : "the input",
      header: header)
  }

  private func piped(_ caller: HangUpMonitor) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count <= APIKey.longest + 2 {
      var items = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
      _ = try caller.wait(for: &items, until: nil)
      guard try take(&bytes) else { break }
    }
    return bytes
  }

  /// Reads one line. Signals are held back until the terminal shows again what is typed, and take
  /// effect after that.
  private func typed(_ caller: HangUpMonitor) throws(Failure) -> [UInt8] {
    var terminal = termios()
    guard tcgetattr(STDIN_FILENO, &terminal) == 0 else {
      throw Failure("ask for the key")
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    let stopping = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]
    for number in stopping { sigaddset(&signals, number) }
    sigprocmask(SIG_BLOCK, &signals, nil)
    var silent = terminal
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    Report.write("API key for \(title) (not shown): ")
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal)
      Report.write("\n")
      sigprocmask(SIG_UNBLOCK, &signals, nil)
    }
    var bytes: [UInt8] = []
    while bytes.last != UInt8(ascii: "\n"), bytes.count <= APIKey.longest + 2 {
      var pending = sigset_t()
      sigpending(&pending)
      guard !stopping.contains(where: { sigismember(&pending, $0) == 1 }) else {
        throw Failure(.cancelled, "a signal came")
      }
      var items = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
      guard try caller.wait(for: &items, until: Moment.now + 100) else { continue }
      guard try take(&bytes) else { break }
    }
    return bytes
  }

  /// - Returns: whether there may be more.
  private func take(_ bytes: inout [UInt8]) throws(Failure) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = buffer.withUnsafeMutableBytes { SystemTransfer.read(STDIN_FILENO, $0) }
    guard count >= 0 else { throw Failure("read the key") }
    bytes += buffer[..<count]
    buffer.wipe()
    return count > 0
  }
}
