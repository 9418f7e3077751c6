import Foundation
import SystemIO
import TestSupport
import Testing

/// `sshproxy connect` between pipes and a server of the test's own: half-closes, last words,
/// and what the first-byte rule replays.
@Suite(.timed) struct StreamTests {
  static let shared = SharedSimulator()
  let testHome: TestHome
  let server: LoopbackListener
  let input: OpenPipe

  init() throws {
    testHome = try TestHome(try Self.shared.fresh())
    server = try LoopbackListener()
    input = try OpenPipe()
    try testHome.configureLab(port: Int(server.port))
  }

  private func connect(_ relay: String, _ input: OpenPipe) throws -> RunningProgram {
    testHome.environment["SSHPROXY_RELAY"] = relay
    return try testHome.start(BuiltProgram.sshproxy, ["connect", "lab"], input: input.source)
  }

  @Test(arguments: ["splice", "copy"])
  func inputEndsAndTheServerGoesOn(_ relay: String) throws {
    let program = try connect(relay, input)
    let peer = try server.accept()
    try peer.send("banner\n")
    #expect(eventually { program.output == "banner\n" })
    try input.say("hello")
    input.closeWriting()
    #expect(try peer.receiveToEnd() == "hello")
    #expect(program.isRunning)
    try peer.send("late words\n")
    peer.close()
    let end = program.end()
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "banner\nlate words\n")
    #expect(end.errors == "")
  }

  @Test(arguments: ["splice", "copy"])
  func serverEndsAndEverythingArrives(_ relay: String) throws {
    let program = try connect(relay, input)
    let peer = try server.accept()
    let words = String(repeating: "0123456789abcdef", count: 4096)
    try peer.send(words)
    peer.close()
    let end = program.end()
    #expect(end.status == 0, "\(end)")
    #expect(end.output == words)
    #expect(end.errors == "")
  }

  /// ssh ends its input before the server has said a word; the end is replayed with the words.
  @Test func earlyEndOfInputIsReplayed() throws {
    let program = try connect("splice", input)
    try input.say("early")
    input.closeWriting()
    for _ in 1...2 {
      let dropped = try server.accept()
      #expect(try dropped.receiveToEnd() == "early")
      dropped.close()
    }
    let peer = try server.accept()
    #expect(try peer.receiveToEnd() == "early")
    try peer.send("answer")
    peer.close()
    let end = program.end()
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "answer")
  }

  @Test(arguments: ["splice", "copy"])
  func firstWordsAreReplayedOnceAndInOrder(_ relay: String) throws {
    let program = try connect(relay, input)
    // More than a socket takes at once, and up to the limit of what is kept.
    let first = (1...6000).map { "line \($0)\n" }.joined().prefix(60_000)
    try input.say(String(first))
    let dropped = try server.accept()
    #expect(try dropped.receive(10) == "line 1\nlin")
    dropped.reset()
    let peer = try server.accept()
    #expect(try peer.receive(first.utf8.count) == first)
    try peer.send("x")
    #expect(eventually { program.output == "x" })
    try input.say("and on")
    input.closeWriting()
    #expect(try peer.receiveToEnd() == "and on")
    peer.close()
    #expect(program.end().status == 0)
  }

  @Test func brokenConnectionIsSaid() throws {
    let program = try connect("splice", input)
    let peer = try server.accept()
    try peer.send("x")
    #expect(eventually { program.output == "x" })
    peer.reset()
    let end = program.end()
    #expect(end.status == 74, "\(end)")
    #expect(end.errorLines("sshproxy: error: lab: ").count == 1, "\(end)")
  }

  @Test func aReaderThatIsGoneEndsIt() throws {
    let output = try SystemIO.Pipe()
    let program = try testHome.start(
      BuiltProgram.sshproxy, ["connect", "lab"], input: input.source,
      output: output.writing.number)
    let peer = try server.accept()
    try peer.send("x")
    let reading = output.intoReading()
    var byte: UInt8 = 0
    #expect(read(reading.number, &byte, 1) == 1)
    // An idle connection, and nobody left to read.
    _ = consume reading
    let (end, time) = seconds { program.end() }
    try expectTime(time, within: 2, "\(end)")
    #expect(end.status >= 0, "\(end)")
    #expect(end.errors == "")
    #expect(try peer.receiveToEnd() == "")
  }

  @Test func idleConnectionCostsNoTime() throws {
    let program = try connect("splice", input)
    let peer = try server.accept()
    try peer.send("x")
    #expect(eventually { program.output == "x" })
    // What is done behind the first byte may take a while.
    let isIdle = try eventually {
      let before = try ticks(of: program.identifier)
      Thread.sleep(forTimeInterval: 1)
      return try ticks(of: program.identifier) - before <= 1
    }
    #expect(isIdle && program.isRunning)
  }

  /// Hundredths of a second on a processor (proc(5)).
  private func ticks(of process: pid_t) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
  }
}
