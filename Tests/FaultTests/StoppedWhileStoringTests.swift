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
    let testHome = try FaultHome(deadline: 30)
    testHome.helper = try testHome.holdLock("lock")
    let run = try testHome.start(["prepare", "sb1.prime"])
    try #require(eventually { testHome.provider.count(of: .primeAuthorize) > 0 })
    try #require(eventually { testHome.waitingCount == 2 })
    run.signal(signal)
    #expect(run.end().status == 128 + signal)
    #expect(halves(testHome).isEmpty)
  }

  @Test func theNextRunRemovesHalves() throws {
    let testHome = try FaultHome()
    for name in [".ssh_config.1", "sessions/sb1.prime/s1/.key.1", "sessions/sb1.prime/.current.1"] {
      try testHome.home.write("half", to: "\(FaultHome.state)/\(name)")
    }
    #expect(try testHome.prepare().status == 0)
    #expect(halves(testHome).isEmpty)
  }

  /// Files that were not put in place, and sessions without a record or a pointer.
  private func halves(_ testHome: FaultHome) -> [String] {
    let state = testHome.home.path(of: FaultHome.state)
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
