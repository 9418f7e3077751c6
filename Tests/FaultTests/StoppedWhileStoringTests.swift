import Foundation
import SystemIO
import TestSupport
import Testing

/// A signal to end that comes while a session is stored leaves all of it or nothing; SIGKILL can
/// leave a half, which the next run removes.
@Suite(.timed) struct StoppedWhileStoringTests {
  /// Nothing is written before the lock on the generated configuration is had.
  @Test(arguments: [SIGHUP, SIGINT, SIGTERM, SIGKILL])
  func nothingBeforeItsTurn(_ signal: Int32) throws {
    let stage = try Stage(deadline: 30)
    try stage.holdLock("lock")
    let run = try stage.start(["prepare", "sb1.prime"])
    try #require(eventually { stage.provider.count(of: .primeAuthorize) > 0 })
    try #require(eventually { stage.waitingCount == 2 })
    run.signal(signal)
    #expect(run.end().status == 128 + signal)
    #expect(halves(stage).isEmpty)
  }

  @Test func theNextRunRemovesHalves() throws {
    let stage = try Stage()
    for name in [".ssh_config.1", "sessions/sb1.prime/s1/.key.1", "sessions/sb1.prime/.current.1"] {
      try stage.home.write("half", to: "\(Stage.state)/\(name)")
    }
    #expect(try stage.prepare().status == 0)
    #expect(halves(stage).isEmpty)
  }

  /// Files that were not put in place, and sessions without a record or a pointer.
  private func halves(_ stage: Stage) -> [String] {
    let state = stage.home.path(of: Stage.state)
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: state)) ?? []
    let hidden = names.filter { ($0 as NSString).lastPathComponent.hasPrefix(".") }
    let folders = names.filter {
      $0.hasPrefix("sessions/sb1.prime/") && $0.split(separator: "/").count == 3
    }
    let current = try? FileManager.default.destinationOfSymbolicLink(
      atPath: "\(state)/sessions/sb1.prime/current")
    let orphans = folders.filter { folder in
      let name = (folder as NSString).lastPathComponent
      return name != "lock" && name != "current" && name != current
    }
    return hidden + orphans
  }
}
