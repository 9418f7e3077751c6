import Configuration
import SystemIO

/// Reads an API key: one line from a terminal, without showing it, or all of any other input.
struct KeyPrompt {
  private let title: String
  /// How the key will be sent.
  private let header: APIKey.Header
  /// The most that is read, in bytes: a key and its line end.
  private static let longest = APIKey.longest + "\r\n".utf8.count
  /// How often it is looked whether a signal has come, in milliseconds.
  private static let signalPollInterval = 100

  init(_ title: String, header: APIKey.Header) {
    self.title = title
    self.header = header
  }

  /// - Throws: `.usage` when nothing was entered, `.configuration` when it cannot be a key,
  ///   `.cancelled` when a signal came or the caller is gone.
  func read(caller: HangUpMonitor) throws(Failure) -> APIKey {
    let isTerminal = SystemIO.isTerminal(STDIN_FILENO)
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
    while bytes.count <= Self.longest, try take(&bytes, caller, until: nil) {}
    return bytes
  }

  /// Reads one line.
  private func typed(_ caller: HangUpMonitor) throws(Failure) -> [UInt8] {
    try SilentTerminal.during(STDIN_FILENO) { (signalHasCome) throws(Failure) in
      Report.write("API key for \(title) (not shown): ")
      defer { Report.write("\n") }
      var bytes: [UInt8] = []
      while bytes.last != UInt8(ascii: "\n"), bytes.count <= Self.longest {
        guard !signalHasCome() else { throw Failure(.cancelled, "a signal came") }
        let next = Moment.now + Self.signalPollInterval
        guard try take(&bytes, caller, until: next) else { break }
      }
      return bytes
    }
  }

  /// - Returns: whether there may be more.
  private func take(
    _ bytes: inout [UInt8], _ caller: HangUpMonitor, until limit: Moment?
  ) throws(Failure) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1024)
    guard let count = try caller.read(STDIN_FILENO, into: &buffer, until: limit) else {
      return true
    }
    guard count >= 0 else { throw Failure("read the key") }
    bytes += buffer[..<count]
    buffer.wipe()
    return count > 0
  }
}
