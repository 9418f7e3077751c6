import Relay
import SystemIO

/// The pump between scripted streams, step by step against its promises: every byte arrives in
/// order and once, a half-close is told once, it ends when and how it must, a stream that said
/// "blocked" is left alone until it is ready, and one that is ready is not left alone for long.
enum PumpTarget {
  static func run(_ input: [UInt8]) {
    var decisions = Decisions(input)
    let prefix = decisions.bytes(decisions.number(below: 8))
    let capacity = 1 + decisions.number(below: 16)
    let waits = Int(decisions.byte())
    let world = World(waits: waits == 0 ? nil : waits)
    world.scripts = (0..<4).map { place in
      Script(&decisions, seed: UInt8(place * 61))
    }
    let pump = Pump(
      up: CopyDirection(
        from: ScriptedSource(world, .upSource), to: ScriptedSink(world, .upSink),
        capacity: capacity),
      down: CopyDirection(
        from: ScriptedSource(world, .downSource), to: ScriptedSink(world, .downSink),
        prefix: prefix, capacity: capacity))
    world.given[Place.downSource.rawValue] = prefix
    judge(run(pump, world), world)
  }

  private enum Outcome: Equatable {
    case ended(PumpEnd)
    case thrown
  }

  private static func run(
    _ pump:
      consuming Pump<
        CopyDirection<ScriptedSource, ScriptedSink>, CopyDirection<ScriptedSource, ScriptedSink>
      >,
    _ world: World
  ) -> Outcome {
    var pump = pump
    var poller = ScriptedPoller(world: world)
    do throws(Failure) {
      return .ended(try pump.run(&poller))
    } catch {
      promise(error.kind == .cancelled, "a failure of its own: \(error.message)")
      return .thrown
    }
  }

  private static func judge(_ outcome: Outcome, _ world: World) {
    let (upSource, upSink) = (Place.upSource.rawValue, Place.upSink.rawValue)
    let (downSource, downSink) = (Place.downSource.rawValue, Place.downSink.rawValue)
    promise(world.given[upSource].starts(with: world.taken[upSink]), "bytes to the server")
    promise(world.given[downSource].starts(with: world.taken[downSink]), "bytes from the server")
    promise(world.finished[upSink] <= 1 && world.finished[downSink] <= 1, "half-closed twice")
    if world.finished[upSink] == 1 { promise(world.upIsDelivered, "half-closed too early") }
    guard case .ended(let end) = outcome else {
      return promise(world.isCancelled, "thrown, though nobody is gone")
    }
    switch end {
    case .ended:
      promise(world.stops[downSource] == .ended, "ended, though the server goes on")
      promise(world.given[downSource] == world.taken[downSink], "bytes are lost")
      promise(world.finished[downSink] == 1, "the end is not told")
      promise(
        world.stops[upSource] != .broken && world.stops[upSink] != .broken,
        "a broken input told as a whole one")
    case .readerGone:
      promise(world.stops[downSink] == .ended, "there is a reader")
    case .broken:
      // What broke the input is told once the server has said everything.
      let isWhole = world.finished[downSink] == 1
      let broke = isWhole ? [upSource, upSink] : [downSource, downSink]
      promise(broke.contains { world.stops[$0] == .broken }, "nothing broke")
      promise(
        !isWhole || world.given[downSource] == world.taken[downSink], "bytes are lost")
    }
  }
}
