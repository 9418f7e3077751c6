import Relay
import SystemIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The pump between real descriptors: a socket to the server, the pipes or the socket of ssh. What
/// the two sides do happens in its waits.
enum RelayTarget {
  static func run(_ input: [UInt8]) {
    var decisions = Decisions(input)
    let shape = decisions.byte()
    guard let sides = Sides(callerIsSocket: shape & 1 == 1, decisions) else {
      return promise(false, "no descriptors left")
    }
    let way: DescriptorDirection.Preference = shape & 2 == 2 ? .copy : .splice
    let prefix = Array(repeating: UInt8(ascii: "p"), count: Int(shape >> 6))
    sides.said.server = prefix
    var pump = Pump(
      up: DescriptorDirection(from: sides.input, to: sides.server, preference: way),
      down: DescriptorDirection(
        from: sides.server, to: sides.output, prefix: prefix, preference: way))
    var poller = SidesPoller(sides: sides)
    do throws(Failure) {
      sides.judge(try pump.run(&poller))
    } catch {
      promise(false, "a failure of its own: \(error.message)")
    }
  }
}

/// What came from, or to, either side.
struct Words {
  var caller: [UInt8] = []
  var server: [UInt8] = []
}

/// Both ends of what the pump lies between: the far ones, which act, and the near ones.
final class Sides {
  var said = Words()
  private var heard = Words()
  let input: Int32
  let output: Int32
  let server: Int32
  private var farInput: Int32
  private var farOutput: Int32
  private var farServer: Int32
  private var decisions: Decisions
  private var isCallerDone = false
  private var isServerDone = false
  /// Whether somebody went away before it had read or said everything.
  private var isRude = false
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  /// What is said, from a place that depends on how much was said before: a prime's period tells
  /// bytes that moved.
  private static let words = (0..<1 << 16).map { UInt8($0 % period) }
  private static let period = 251

  init?(callerIsSocket: Bool, _ decisions: Decisions) {
    self.decisions = decisions
    var link: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &link) == 0 else { return nil }
    (server, farServer) = (link[0], link[1])
    if callerIsSocket {
      guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &link) == 0 else { return nil }
      (input, output) = (link[0], link[0])
      (farInput, farOutput) = (link[1], dup(link[1]))
    } else {
      guard pipe(&link) == 0 else { return nil }
      (input, farInput) = (link[0], link[1])
      guard pipe(&link) == 0 else { return nil }
      (farOutput, output) = (link[0], link[1])
    }
    // Of the near ones the server's alone: the others are inherited, and stay as they are.
    for own in [farInput, farOutput, farServer, server] {
      _ = fcntl(own, F_SETFL, fcntl(own, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit {
    let all: Set = [input, output, server, farInput, farOutput, farServer]
    for descriptor in all where descriptor >= 0 { close(descriptor) }
  }

  /// One act of one side; behind the last one both end in good manners.
  func act() {
    guard !decisions.isAtEnd else { return endPolitely() }
    let byte = decisions.byte()
    let size = 1 << (Int(byte >> 5) * 2)
    switch byte & 15 {
    case 0...3: if !isCallerDone { write(farInput, size * 3, to: &said.caller) }
    case 4...7: if !isServerDone { write(farServer, size * 3, to: &said.server) }
    case 8, 9: read(farServer, size * 4, to: &heard.server)
    case 10, 11: read(farOutput, size * 4, to: &heard.caller)
    case 12: endInput()
    case 13: endServer()
    case 14 where byte == 0xfe:
      isRude = true
      hangUp(&farServer)
      isServerDone = true
    case 14 where byte == 0xee:
      isRude = true
      hangUp(&farOutput)
      // Its socket is one for both ways.
      if input == output {
        hangUp(&farInput)
        isCallerDone = true
      }
    default: break
    }
  }

  private func endPolitely() {
    endInput()
    read(farServer, 1 << 20, to: &heard.server)
    read(farOutput, 1 << 20, to: &heard.caller)
    // The server answers the end of input by its own.
    if isHeardOut || farServer < 0 || isRude { endServer() }
  }

  private var isHeardOut = false

  private func endInput() {
    guard !isCallerDone else { return }
    isCallerDone = true
    if input == output {
      shutdown(farInput, Int32(SHUT_WR))
    } else {
      hangUp(&farInput)
    }
  }

  private func endServer() {
    guard !isServerDone else { return }
    isServerDone = true
    shutdown(farServer, Int32(SHUT_WR))
  }

  private func hangUp(_ descriptor: inout Int32) {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
  }

  private func write(_ descriptor: Int32, _ count: Int, to said: inout [UInt8]) {
    guard descriptor >= 0 else { return }
    let bytes = Self.words[(said.count % Self.period)...].prefix(count)
    let done = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if done > 0 { said += bytes.prefix(done) }
  }

  private func read(_ descriptor: Int32, _ count: Int, to heard: inout [UInt8]) {
    guard descriptor >= 0 else { return }
    let done = Glibc.read(descriptor, &buffer, min(count, buffer.count))
    if done > 0 { heard += buffer[..<done] }
    if done == 0, descriptor == farServer {
      promise(isCallerDone || isRude, "an end that nobody said")
      isHeardOut = true
    }
  }

  func judge(_ end: PumpEnd) {
    // What is still on its way counts as heard.
    var before = -1
    while before != heard.caller.count + heard.server.count {
      before = heard.caller.count + heard.server.count
      read(farOutput, 1 << 16, to: &heard.caller)
      read(farServer, 1 << 16, to: &heard.server)
    }
    promise(begins(said.server, heard.caller), "other bytes than the server's")
    promise(begins(said.caller, heard.server), "other bytes than the caller's")
    if end == .ended {
      promise(isServerDone, "ended, though the server goes on")
      promise(farOutput < 0 || heard.caller.count == said.server.count, "bytes are lost")
    } else {
      promise(isRude, "\(end), though nobody went away")
    }
  }
}

/// Whether `part` is the beginning of `whole`, by one call: instrumented comparisons of single bytes
/// took most of the time.
private func begins(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
  part.count <= whole.count && memcmp(whole, part, part.count) == 0
}

/// Lets the sides act until something that is waited for is ready.
struct SidesPoller: Poller {
  let sides: Sides

  mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    sides.act()
    for _ in 0..<10_000 {
      var items = awaited.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
      let ready = poll(&items, nfds_t(items.count), 0)
      if ready > 0 || peek { return items.map { $0.revents != 0 } }
      sides.act()
    }
    promise(false, "it waits for ever for \(awaited)")
    return awaited.map { _ in true }
  }
}
