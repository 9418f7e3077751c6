import SystemIO

/// A pipe between a test and a program, whose ends stay open until they are closed by name, or with the whole
/// of it.
public final class OpenPipe {
  private var readingEnd: Descriptor?
  private var writingEnd: Descriptor?

  public init() throws {
    let pipe = try SystemIO.Pipe()
    readingEnd = Descriptor(owning: fcntl(pipe.reading.number, F_DUPFD_CLOEXEC, 3))
    writingEnd = pipe.intoWriting()
  }

  /// As a program's standard input.
  public var source: RunningProgram.Input { .descriptor(readingEnd?.number ?? -1) }

  /// For a program's standard output; -1 once it is closed.
  public var writing: Int32 { writingEnd?.number ?? -1 }

  public func say(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard bytes.withUnsafeBytes({ SystemTransfer.write(writing, $0) }) == bytes.count else {
      throw Failure("write")
    }
  }

  public func closeReading() { readingEnd = nil }

  public func closeWriting() { writingEnd = nil }
}
