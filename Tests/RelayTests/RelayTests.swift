import Dialing
import Relay
import SystemIO
import TestSupport
import Testing

/// The pump over real descriptors, with the real wait.
@Suite struct RelayTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  /// ssh's side as pipes, the server's as a TCP connection.
  @Test(arguments: [DescriptorDirection.Preference.splice, .copy])
  func questionAndAnswer(by way: DescriptorDirection.Preference) throws {
    let listener = try LoopbackListener()
    let address = try #require(SocketAddress(host: "127.0.0.1", port: listener.port))
    let socket = try DialAttempt(to: DialDestination([address]), until: .now + 5000).connect(
      caller: .nobody)
    let peer = try listener.accept()
    let input = try Pipe()
    let output = try Pipe()
    let question = Array("question".utf8)
    try question.withUnsafeBytes { try input.writing.writeAll($0) }
    let reading = input.intoReading()
    try peer.send("answer")
    var pump = Pump(
      up: DescriptorDirection(from: reading.number, to: socket.number, preference: way),
      down: DescriptorDirection(from: socket.number, to: output.writing.number, preference: way))
    peer.finish()
    var poller = HangUpPoller(HangUpMonitor(output: output.writing.number))
    #expect(try pump.run(&poller) == .ended)
    #expect(try peer.receive(8) == "question")
    var answer = [UInt8](repeating: 0, count: 100)
    let count = read(output.reading.number, &answer, answer.count)
    #expect(answer.prefix(max(0, count)) == Array("answer".utf8)[...])
  }

  @Test func stopsWhenNobodyReads() throws {
    let listener = try LoopbackListener()
    let address = try #require(SocketAddress(host: "127.0.0.1", port: listener.port))
    let socket = try DialAttempt(to: DialDestination([address]), until: .now + 5000).connect(
      caller: .nobody)
    let peer = try listener.accept()
    let input = try Pipe()
    let output = try Pipe()
    let writing = output.intoWriting()
    // splice(2) would say so by itself, before any wait.
    var pump = Pump(
      up: DescriptorDirection(from: input.reading.number, to: socket.number, preference: .copy),
      down: DescriptorDirection(from: socket.number, to: writing.number, preference: .copy))
    var poller = HangUpPoller(HangUpMonitor(output: writing.number))
    let failure = #expect(throws: Failure.self) { try pump.run(&poller) }
    #expect(failure?.kind == .cancelled)
    peer.close()
  }
}
