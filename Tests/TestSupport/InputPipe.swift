import SystemIO

/// A program's standard input, which the test writes piece by piece.
public final class InputPipe {
  private let reading: Descriptor
  private var writing: Descriptor?

  public init() throws {
    let pipe = try Pipe()
    reading = Descriptor(owning: fcntl(pipe.reading.number, F_DUPFD_CLOEXEC, 3))
    writing = pipe.intoWriting()
  }

  /// The input to give to the program.
  public var source: RunningProgram.Input { .descriptor(reading.number) }

  public func say(_ text: String) throws {
    guard let number = writing?.number else { throw Failure("write", number: EBADF) }
    let bytes = Array(text.utf8)
    guard bytes.withUnsafeBytes({ SystemTransfer.write(number, $0) }) == bytes.count else {
      throw Failure("write")
    }
  }

  public func end() { writing = nil }
}
