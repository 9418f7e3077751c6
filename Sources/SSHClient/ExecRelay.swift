internal import Relay
internal import SystemIO

/// Relays the three streams of a command until the server closes the channel. The command may end
/// while there is still input, and it may go on after it has closed both of its outputs.
struct ExecRelay<
  Up: Direction & ~Copyable, Output: Direction & ~Copyable, Errors: Direction & ~Copyable
>:
  ~Copyable
{
  private enum Part: CaseIterable {
    case up, output, errors, closing
  }

  private var up: Up
  private var output: Output
  private var errors: Errors
  private var over: Set<Part> = []
  private var blocks: [Part: Awaited] = [:]

  init(up: consuming Up, output: consuming Output, errors: consuming Errors) {
    self.up = up
    self.output = output
    self.errors = errors
  }

  /// - Parameter closing: returns `.ended` when the server has closed the channel; called once both
  ///   outputs have ended.
  mutating func run(
    _ poller: inout some Poller, closing: () -> DirectionStep
  ) throws(Failure) -> PumpEnd {
    var rounds = 0
    while true {
      for part in Part.allCases where isRunnable(part) {
        if let end = take(part == .closing ? closing() : step(part), of: part) { return end }
      }
      rounds += 1
      let isIdle = !Part.allCases.contains { isRunnable($0) }
      if isIdle || rounds.isMultiple(of: poller.burst) { try look(&poller, peek: !isIdle) }
    }
  }

  private func isRunnable(_ part: Part) -> Bool {
    guard !over.contains(part), blocks[part] == nil else { return false }
    return part != .closing || over.isSuperset(of: [.output, .errors])
  }

  private mutating func step(_ part: Part) -> DirectionStep {
    switch part {
    case .up: up.step()
    case .output: output.step()
    case .errors: errors.step()
    case .closing: .moved
    }
  }

  private mutating func take(_ step: DirectionStep, of part: Part) -> PumpEnd? {
    switch (part, step) {
    case (_, .moved): break
    case (_, .blocked(let awaited)): blocks[part] = awaited
    case (.closing, .ended): return .ended
    case (.up, _):
      // When the command reads no more input, its outputs decide how the relay ends.
      if step != .sinkClosed { up.finish() }
      over.insert(part)
    case (_, .ended): over.insert(part)
    case (_, .sinkClosed): return .readerGone
    case (_, .broken(let error)): return .broken(error)
    }
    return nil
  }

  private mutating func look(_ poller: inout some Poller, peek: Bool) throws(Failure) {
    // Even where nothing is blocked: whoever waits for us is looked at there.
    let parts = Part.allCases.filter { blocks[$0] != nil }
    let ready = try poller.wait(for: parts.compactMap { blocks[$0] }, peek: peek)
    for (part, isReady) in zip(parts, ready) where isReady { blocks[part] = nil }
  }
}

/// A sink that discards everything once its own sink is closed or broken. For the error stream of a
/// command, which must not block the output when nobody reads it any more.
struct ForgivingSink<Sink: ByteSink & ~Copyable>: ByteSink, ~Copyable {
  private var sink: Sink
  private var isOver = false

  init(_ sink: consuming Sink) {
    self.sink = sink
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    if !isOver {
      let transfer = sink.write(bytes)
      switch transfer {
      case .bytes, .blocked: return transfer
      case .ended, .failed: isOver = true
      }
    }
    return .bytes(bytes.count)
  }

  mutating func finish() {
    sink.finish()
  }
}
