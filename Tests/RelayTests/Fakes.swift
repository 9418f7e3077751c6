import Relay
import SystemIO
import Testing

/// What a fake source does when it is read. What is not scripted is a failure of the test.
enum Reading {
  case gives([UInt8])
  case blocks
  case ends
  case breaks(Int32)
}

/// What a fake sink does when it is written to.
enum Writing {
  /// Takes so many bytes at most.
  case takes(Int)
  case blocks
  case closed
  case breaks(Int32)
}

/// What both fakes of a direction share with the test.
final class Script {
  var readings: [Reading]
  var writings: [Writing]
  var delivered: [UInt8] = []
  var finishes = 0
  var reads = 0
  /// Where scripts run out: what a source goes on giving, or `nil` for a failure of the test.
  var endless: [UInt8]?
  let number: Int32

  /// - Parameter number: the descriptor that is said to be waited for: its reading side is
  ///   `number`, its writing side `number + 1`.
  init(_ number: Int32, reads readings: [Reading], writes writings: [Writing] = []) {
    self.number = number
    self.readings = readings
    self.writings = writings
  }

  var text: String { String(decoding: delivered, as: UTF8.self) }

  func direction(prefix: String = "", capacity: Int = 64) -> CopyDirection<FakeSource, FakeSink> {
    CopyDirection(
      from: FakeSource(script: self), to: FakeSink(script: self), prefix: Array(prefix.utf8),
      capacity: capacity)
  }
}

struct FakeSource: ByteSource {
  let script: Script

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    script.reads += 1
    if script.readings.isEmpty, let more = script.endless {
      buffer.copyBytes(from: more.prefix(buffer.count))
      return .bytes(min(more.count, buffer.count))
    }
    guard !script.readings.isEmpty else {
      Issue.record("a read that nobody expected")
      return .ended
    }
    switch script.readings.removeFirst() {
    case .gives(let bytes):
      guard bytes.count <= buffer.count else {
        script.readings.insert(.gives(Array(bytes[buffer.count...])), at: 0)
        buffer.copyBytes(from: bytes[..<buffer.count])
        return .bytes(buffer.count)
      }
      buffer.copyBytes(from: bytes)
      return .bytes(bytes.count)
    case .blocks: return .blocked(.readable(script.number))
    case .ends: return .ended
    case .breaks(let number): return .failed(Failure("read", number: number))
    }
  }
}

struct FakeSink: ByteSink {
  let script: Script

  mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    #expect(script.finishes == 0, "written to after the end")
    let turn = script.writings.isEmpty ? .takes(.max) : script.writings.removeFirst()
    switch turn {
    case .takes(let most):
      let count = min(most, bytes.count)
      script.delivered += bytes[..<count]
      return .bytes(count)
    case .blocks: return .blocked(.writable(script.number + 1))
    case .closed: return .ended
    case .breaks(let number): return .failed(Failure("write", number: number))
    }
  }

  mutating func finish() { script.finishes += 1 }
}

/// Says what is ready, and remembers what was asked for.
struct FakePoller: Poller {
  /// For each wait that is no mere look: the descriptors that are ready then. Once the list is
  /// over, a wait is a failure of the test, which is stopped.
  var turns: [Set<Int32>] = []
  /// What is ready when it is only looked at.
  var always: Set<Int32> = []
  private(set) var asked: [[Int32]] = []
  private(set) var looks = 0
  /// The wait before which the caller is gone; counts all of them.
  var goneAfter = Int.max

  static let gone = Failure(.cancelled, "gone")

  mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    if asked.count + looks >= goneAfter { throw Self.gone }
    let numbers = awaited.map(\.descriptor)
    guard !peek else {
      looks += 1
      return numbers.map(always.contains)
    }
    asked.append(numbers)
    guard !turns.isEmpty else {
      Issue.record("a wait that nobody expected, for \(numbers)")
      throw Failure(.internalError, "the script is over")
    }
    let ready = turns.removeFirst()
    return numbers.map(ready.contains)
  }
}

extension Reading {
  static func gives(_ text: String) -> Reading { .gives(Array(text.utf8)) }
}
