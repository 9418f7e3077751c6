import Relay
import SystemIO

/// The four streams of a pump.
enum Place: Int {
  case upSource, upSink, downSource, downSink

  var descriptor: Int32 { Int32(rawValue) + 100 }
}

/// What one stream does, one act after the other; behind the last one a source is at its end and a
/// sink takes everything.
struct Script {
  enum Act {
    /// Gives or takes so many bytes at most.
    case move(Int)
    /// Is not ready for so many calls of any stream.
    case block(Int)
    case end
    case breakOff
  }

  private var acts: [Act] = []
  private var next: UInt8

  init(_ decisions: inout Decisions, seed: UInt8) {
    next = seed
    for _ in 0..<decisions.number(below: 24) {
      let byte = decisions.byte()
      let size = Int(byte >> 2)
      switch byte & 3 {
      case 0, 1: acts.append(.move(1 + size))
      case 2: acts.append(.block(size % 24))
      default: acts.append(size < 60 ? .move(1 + size / 8) : size < 62 ? .end : .breakOff)
      }
    }
    acts.reverse()
  }

  mutating func act() -> Act? { acts.popLast() }

  /// Bytes that tell their place in the stream.
  mutating func produce(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in
      next = next &* 5 &+ 3
      return next
    }
  }
}

/// What has happened to the streams so far, and what is promised of it while it happens.
final class World {
  enum Stop { case ended, broken }

  var scripts: [Script] = []
  var given: [[UInt8]] = Array(repeating: [], count: 4)
  var taken: [[UInt8]] = Array(repeating: [], count: 4)
  var finished = [0, 0, 0, 0]
  var stops: [Stop?] = [nil, nil, nil, nil]
  private(set) var isCancelled = false
  /// When a blocked stream is ready, and whether it was said so.
  private var blockedUntil: [Int?] = [nil, nil, nil, nil]
  private var time = 0
  private var waitsLeft: Int?

  /// - Parameter waits: after so many the caller is gone.
  init(waits: Int?) { waitsLeft = waits }

  /// Whether the input is at its end and the server has all of it.
  var upIsDelivered: Bool {
    stops[Place.upSource.rawValue] != nil || stops[Place.upSink.rawValue] == .broken
  }

  enum Move {
    case bytes(Int)
    case other(Transfer)
  }

  /// One call of a stream.
  func call(_ place: Place) -> Move {
    let index = place.rawValue
    time += 1
    promise(time < 20_000, "it spins")
    promise(!isCancelled, "it goes on without a caller")
    promise(blockedUntil[index] == nil, "\(place) is asked while it is blocked")
    promise(stops[index] == nil, "\(place) is asked behind its end")
    // What is ready is served before long: a burst is 8 rounds of at most 2 calls for each direction.
    for (other, ready) in blockedUntil.enumerated() where !isOver(other) {
      promise(ready.map { time - $0 <= 48 } ?? true, "stream \(other) starves")
    }
    guard let act = scripts[index].act() else {
      if place == .upSink || place == .downSink { return .bytes(.max) }
      stops[index] = .ended
      return .other(.ended)
    }
    switch act {
    case .move(let count): return .bytes(count)
    case .block(let delay):
      blockedUntil[index] = time + delay
      let isSource = place == .upSource || place == .downSource
      return .other(
        .blocked(isSource ? .readable(place.descriptor) : .writable(place.descriptor)))
    case .end:
      stops[index] = .ended
      return .other(.ended)
    case .breakOff:
      stops[index] = .broken
      return .other(.failed(Failure("move", number: 104)))
    }
  }

  func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    if let left = waitsLeft {
      waitsLeft = left - 1
      if left <= 1 {
        isCancelled = true
        throw Failure(.cancelled, "the program that started this one has ended")
      }
    }
    let places = awaited.map { Int($0.descriptor) - 100 }
    promise(Set(places).count == places.count, "the same stream is waited for twice")
    for place in places {
      promise(place >= 0 && place < 4 && blockedUntil[place] != nil, "\(place) is not blocked")
    }
    if !peek {
      promise(!places.isEmpty, "it waits for nothing")
      // Before a long wait the server has been told of the end of input.
      if stops[Place.upSource.rawValue] != nil, stops[Place.upSink.rawValue] == nil,
        !places.contains(Place.upSink.rawValue)
      {
        promise(finished[Place.upSink.rawValue] == 1, "the half-close waits")
      }
      time = max(time, places.compactMap { blockedUntil[$0] }.min() ?? time)
    }
    return places.map { place in
      guard let moment = blockedUntil[place], moment <= time else { return false }
      blockedUntil[place] = nil
      return true
    }
  }

  /// A direction that is over is asked no more, whatever its streams say.
  private func isOver(_ index: Int) -> Bool {
    let up = [Place.upSource.rawValue, Place.upSink.rawValue]
    return up.contains(index) && up.contains { stops[$0] != nil }
  }
}

struct ScriptedSource: ByteSource {
  private let world: World
  private let place: Place

  init(_ world: World, _ place: Place) {
    self.world = world
    self.place = place
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    switch world.call(place) {
    case .bytes(let count):
      let bytes = world.scripts[place.rawValue].produce(min(count, buffer.count))
      buffer.copyBytes(from: bytes)
      world.given[place.rawValue] += bytes
      return .bytes(bytes.count)
    case .other(let transfer): return transfer
    }
  }
}

struct ScriptedSink: ByteSink {
  private let world: World
  private let place: Place

  init(_ world: World, _ place: Place) {
    self.world = world
    self.place = place
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    promise(!bytes.isEmpty, "nothing is written to \(place)")
    promise(world.finished[place.rawValue] == 0, "\(place) is written to behind its end")
    switch world.call(place) {
    case .bytes(let count):
      let some = bytes.prefix(count)
      world.taken[place.rawValue] += some
      return .bytes(some.count)
    case .other(let transfer): return transfer
    }
  }

  mutating func finish() { world.finished[place.rawValue] += 1 }
}

struct ScriptedPoller: Poller {
  let world: World

  mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    try world.wait(for: awaited, peek: peek)
  }
}
