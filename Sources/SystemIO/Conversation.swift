/// Runs a program, gives it its input and collects what it prints.
public struct Conversation {
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

  /// - Parameter name: the default is the program's own.
  public init(
    path: String, arguments: [String], environment: [String], limit: Int, name: String? = nil
  ) {
    self.name = (name ?? arguments.first ?? path).sanitized(limit: 80)
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.limit = limit
  }

  private var tooSlow: Failure {
    Failure(.temporary, step: "run \(name)", "it takes too long", hint: "run it by hand")
  }

  /// - Parameter input: all of its standard input.
  /// - Returns: its exit status and its standard output; its standard error is ours.
  /// - Throws: `.inputOutput` when it does not start, `.temporary` at the deadline, `.invalidResponse` when it
  ///   prints too much, `.cancelled`. In each of these cases the program is ended.
  public func run(
    input: [UInt8], until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> (status: Int32, output: [UInt8]) {
    let toChild = try Pipe()
    let fromChild = try Pipe()
    let streams = Child.Streams(
      input: toChild.reading.number, output: fromChild.writing.number)
    let child = try Child(
      path: path, arguments: arguments, environment: environment, streams: streams)
    var writer: Descriptor? = toChild.intoWriting()
    writer?.setNonBlocking()
    let reader = fromChild.intoReading()
    reader.setNonBlocking()
    var rest = input[...]
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
        if count > 0 { output += buffer[..<count] }
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
}
