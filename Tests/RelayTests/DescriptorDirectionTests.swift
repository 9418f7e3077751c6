import Relay
import SystemIO
import Testing

/// Directions between real pipes and sockets, in both ways.
@Suite struct DescriptorDirectionTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  static let preferences: [DescriptorDirection.Preference] = [.splice, .copy]

  /// Two ends of something that bytes go through.
  final class Channel: CustomTestStringConvertible, Sendable {
    let reading: Int32
    let writing: Int32
    let testDescription: String

    init(_ kind: String) throws {
      var ends: [Int32] = [-1, -1]
      #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
      #else
        let stream = SOCK_STREAM
      #endif
      let result = kind == "pipe" ? pipe(&ends) : socketpair(AF_UNIX, stream, 0, &ends)
      guard result == 0 else { throw Failure("make a \(kind)") }
      (reading, writing) = (ends[0], ends[1])
      // As the dialer makes them: splice(2) can be asked not to wait for a pipe, but for no socket.
      if kind == "socket" { for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) } }
      testDescription = kind
    }

    deinit {
      close(reading)
      close(writing)
    }

    func send(_ text: String) {
      let bytes = Array(text.utf8)
      #expect(write(writing, bytes, bytes.count) == bytes.count)
    }

    /// What is there now.
    func received(_ limit: Int = 1 << 20) -> String {
      var result: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      var item = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
      while result.count < limit, poll(&item, 1, 0) > 0 {
        let count = read(reading, &buffer, min(buffer.count, limit - result.count))
        if count <= 0 { break }
        result += buffer[..<count]
      }
      return String(decoding: result, as: UTF8.self)
    }

    /// Whether the reading end sees the end.
    var isAtEnd: Bool {
      var byte: UInt8 = 0
      var item = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
      return poll(&item, 1, 0) > 0 && read(reading, &byte, 1) == 0
    }
  }

  static let pairs = [
    ("pipe", "socket"), ("socket", "pipe"), ("pipe", "pipe"), ("socket", "socket"),
  ]

  @Test(arguments: pairs, preferences)
  func carriesBytesAndBlocks(_ kinds: (String, String), by way: DescriptorDirection.Preference)
    throws
  {
    let (source, sink) = (try Channel(kinds.0), try Channel(kinds.1))
    var direction = DescriptorDirection(from: source.reading, to: sink.writing, preference: way)
    #expect(direction.step() == .blocked(.readable(source.reading)))
    source.send("hello")
    #expect(direction.step() == .moved)
    #expect(sink.received() == "hello")
    #expect(direction.step() == .blocked(.readable(source.reading)))
    for (descriptor, kind) in [(source.reading, kinds.0), (sink.writing, kinds.1)] {
      let isNonBlocking = fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0
      #expect(isNonBlocking == (kind == "socket"), "an inherited descriptor was changed")
    }
  }

  @Test(arguments: pairs, preferences)
  func aFullSinkBlocksAndLosesNothing(
    _ kinds: (String, String), by way: DescriptorDirection.Preference
  ) throws {
    let (source, sink) = (try Channel(kinds.0), try Channel(kinds.1))
    var direction = DescriptorDirection(from: source.reading, to: sink.writing, preference: way)
    var sent = ""
    var got = ""
    var step = DirectionStep.moved
    for number in 1...4000 where step != .blocked(.writable(sink.writing)) {
      let text = String(repeating: "\(number) ", count: 200)
      source.send(text)
      sent += text
      step = direction.step()
      while step == .moved { step = direction.step() }
    }
    #expect(step == .blocked(.writable(sink.writing)))
    while got.utf8.count < sent.utf8.count {
      let more = sink.received(4096)
      try #require(!more.isEmpty)
      got += more
      while direction.step() == .moved {}
    }
    #expect(got == sent)
  }

  @Test(arguments: pairs, preferences)
  func endOfTheSourceIsAnEnd(_ kinds: (String, String), by way: DescriptorDirection.Preference)
    throws
  {
    let sink = try Channel(kinds.1)
    let ends = try Ends(kinds.0)
    ends.send("last")
    ends.closeWriting()
    var direction = DescriptorDirection(from: ends.reading, to: sink.writing, preference: way)
    #expect(direction.step() == .moved)
    #expect(direction.step() == .ended)
    direction.finish()
    #expect(sink.received(4) == "last")
    // Of a pipe the owner of the descriptor alone can say that nothing comes.
    #expect(sink.isAtEnd == (kinds.1 == "socket"))
  }

  @Test(arguments: pairs, preferences)
  func aSinkWithoutReaderIsClosed(
    _ kinds: (String, String), by way: DescriptorDirection.Preference
  ) throws {
    let source = try Channel(kinds.0)
    let ends = try Ends(kinds.1)
    ends.closeReading()
    source.send("nobody hears it")
    var direction = DescriptorDirection(from: source.reading, to: ends.writing, preference: way)
    #expect(direction.step() == .sinkClosed)
  }

  @Test(arguments: pairs, preferences)
  func prefixGoesFirst(_ kinds: (String, String), by way: DescriptorDirection.Preference) throws {
    let (source, sink) = (try Channel(kinds.0), try Channel(kinds.1))
    source.send("then this")
    var direction = DescriptorDirection(
      from: source.reading, to: sink.writing, prefix: Array("this, ".utf8), preference: way)
    while direction.step() == .moved {}
    #expect(sink.received() == "this, then this")
  }

  @Test(arguments: preferences)
  func aFileIsCopiedToItsEnd(by way: DescriptorDirection.Preference) throws {
    var name = Array("/tmp/sshproxy-direction-XXXXXX\0".utf8.map { CChar($0) })
    let file = mkstemp(&name)
    defer {
      close(file)
      unlink(name)
    }
    #expect(write(file, "from a file", 11) == 11)
    lseek(file, 0, SEEK_SET)
    let sink = try Channel("socket")
    var direction = DescriptorDirection(from: file, to: sink.writing, preference: way)
    while direction.step() == .moved {}
    #expect(direction.step() == .ended)
    #expect(sink.received() == "from a file")
  }

  /// A channel whose ends close one by one.
  final class Ends {
    private(set) var reading: Int32
    private(set) var writing: Int32

    init(_ kind: String) throws {
      let channel = try Channel(kind)
      reading = dup(channel.reading)
      writing = dup(channel.writing)
    }

    deinit {
      closeReading()
      closeWriting()
    }

    func send(_ text: String) {
      let bytes = Array(text.utf8)
      #expect(write(writing, bytes, bytes.count) == bytes.count)
    }

    func closeReading() {
      if reading >= 0 { close(reading) }
      reading = -1
    }

    func closeWriting() {
      if writing >= 0 { close(writing) }
      writing = -1
    }
  }
}
