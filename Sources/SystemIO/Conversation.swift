/// Runs a program, gives it its input and collects what it prints.
public struct Conversation {
  /// What a program's standard input is.
  public enum Input {
    /// /dev/null.
    case nothing
    /// A pipe with these bytes.
    case bytes([UInt8])
    /// The socket that its standard output is too, as ssh makes it for fd passing. Nothing comes from it.
    case socket
  }

  /// Where a program's standard error goes.
  public enum Errors {
    /// Where ours goes.
    case ours
    /// To /dev/null.
    case nowhere
    /// To its standard output.
    case output
  }

  /// The program's file, or its name in PATH.
  public let path: String
  /// Its words, its own name first.
  public let arguments: [String]
  /// `NAME=value` each.
  public let environment: [String]
  /// The most that the program may print, in bytes.
  public let limit: Int
  /// What people know the program by, for failures.
  public let name: String
  /// Where what it says of itself goes.
  public let errors: Errors

  /// - Parameter name: the default is the program's own.
  public init(
    path: String, arguments: [String], environment: [String], limit: Int, name: String? = nil,
    errors: Errors = .ours
  ) {
    self.name = (name ?? arguments.first ?? path).sanitized(limit: 80)
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.limit = limit
    self.errors = errors
  }

  private var tooSlow: Failure {
    Failure(.temporary, step: "run \(name)", "it takes too long", hint: "run it by hand")
  }

  /// - Parameters:
  ///   - input: all of its standard input.
  ///   - watch: is given each piece of its output when it comes.
  /// - Returns: its exit status and its output.
  /// - Throws: `.inputOutput` when it does not start, `.temporary` at the deadline, `.invalidResponse` when it
  ///   prints too much, `.cancelled`. In each of these cases the program is ended.
  public func run(
    input: Input, until deadline: Moment, caller: HangUpMonitor,
    watch: (ArraySlice<UInt8>) -> Void = { _ in }
  ) throws(Failure) -> (status: Int32, output: [UInt8]) {
    switch input {
    case .nothing:
      let fromChild = try Pipe()
      let child = try start(input: nil, output: fromChild.writing.number)
      return try finish(child, from: fromChild.intoReading(), until: deadline, caller, watch)
    case .bytes(let bytes):
      let toChild = try Pipe()
      let fromChild = try Pipe()
      let child = try start(input: toChild.reading.number, output: fromChild.writing.number)
      return try finish(
        child, from: fromChild.intoReading(), to: toChild.intoWriting(), bytes[...],
        until: deadline, caller, watch)
    case .socket:
      let pair = try SocketPair()
      let child = try start(input: pair.theirs.number, output: pair.theirs.number)
      return try finish(child, from: pair.intoOurs(), until: deadline, caller, watch)
    }
  }

  /// Writes the input and reads the output, at once, until both are through and the program has ended.
  private func finish(
    _ child: consuming Child, from reader: consuming Descriptor,
    to writer: consuming Descriptor? = nil, _ input: ArraySlice<UInt8> = [],
    until deadline: Moment, _ caller: HangUpMonitor, _ watch: (ArraySlice<UInt8>) -> Void
  ) throws(Failure) -> (status: Int32, output: [UInt8]) {
    writer?.setNonBlocking()
    reader.setNonBlocking()
    var rest = input
    var output: [UInt8] = []
    while true {
      if rest.isEmpty { writer = nil }
      var items = [pollfd(fd: reader.number, events: Int16(POLLIN), revents: 0)]
      if let number = writer?.number {
        items.append(pollfd(fd: number, events: Int16(POLLOUT), revents: 0))
      }
      guard try caller.wait(for: &items, until: deadline), Moment.now < deadline else {
        throw tooSlow
      }
      if items.count > 1, items[1].revents != 0, let number = writer?.number {
        let count = rest.withUnsafeBytes { SystemTransfer.write(number, $0) }
        if count > 0 { rest = rest.dropFirst(count) }
        // It need not read its input.
        if count < 0, errno != EAGAIN { rest = [] }
      }
      if items[0].revents != 0 {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let count = buffer.withUnsafeMutableBytes { SystemTransfer.read(reader.number, $0) }
        if count == 0 || (count < 0 && errno != EAGAIN) { break }
        if count > 0 {
          output += buffer[..<count]
          watch(buffer[..<count])
        }
        guard output.count <= limit else {
          throw Failure(
            .invalidResponse, step: "run \(name)", "it prints more than \(limit) bytes",
            hint: "run it by hand")
        }
      }
    }
    // What has closed its output may still read to the end of its input.
    writer = nil
    guard let status = try child.wait(until: deadline, caller: caller) else { throw tooSlow }
    return (status, output)
  }

  private func start(input: Int32?, output: Int32) throws(Failure) -> Child {
    let error: Int32? =
      switch errors {
      case .ours: STDERR_FILENO
      case .nowhere: nil
      case .output: output
      }
    return try Child(
      path: path, arguments: arguments, environment: environment,
      streams: Child.Streams(input: input, output: output, error: error))
  }
}
