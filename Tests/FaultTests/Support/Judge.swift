import Foundation
import SystemIO
import TestSupport
import Testing

/// Holds what happened against what a row says.
struct Judge {
  let fault: Fault
  let stage: Stage
  /// Whether this is the run that counts, however long it takes.
  let isLast: Bool

  /// - Returns: whether the run counts: it was in time, or is the last one.
  func judge(_ endings: [Ending]) -> Bool {
    guard isLast || endings.allSatisfy({ $0.seconds <= fault.within }) else {
      // What a late run says has to have its manners all the same.
      for ending in endings {
        judgeManners(ending.errors, Comment(rawValue: "\(fault.testDescription), late: \(ending)"))
      }
      return false
    }
    let bound = fault.within * Sanitizers.slowness
    #expect(!endings.isEmpty, "\(fault.testDescription): nothing was run")
    for (index, ending) in endings.enumerated() {
      let place = Comment(rawValue: "\(fault.testDescription), run \(index): \(ending)")
      if let status = fault.status { #expect(ending.status == status, place) }
      #expect(ending.seconds <= bound, place)
      #expect(
        fault.words.isEmpty ? ending.errors.isEmpty : ending.errors.contains(fault.words), place)
      judgeManners(ending.errors, place)
      Waits.shared.add(ending.seconds, fault)
    }
    judgeLeftovers()
    if fault.left.recovers { judgeRecovery() }
    return true
  }

  /// One error, one hint, a line each, nothing that moves a cursor.
  private func judgeManners(_ errors: String, _ place: Comment) {
    let lines = errors.split(separator: "\n", omittingEmptySubsequences: true)
    #expect(lines.allSatisfy { $0.hasPrefix("sshproxy: ") }, place)
    let errorCount = lines.filter { $0.hasPrefix("sshproxy: error: ") }.count
    #expect(errorCount <= 1, place)
    #expect(lines.filter { $0.hasPrefix("sshproxy: hint: ") }.count == errorCount, place)
    #expect(!lines.contains { $0.hasSuffix(".") }, place)
    #expect(errors.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 }, place)
    for secret in Array(Stage.keys.values) + [ScriptedProvider.daytonaToken] {
      #expect(!errors.contains(secret), place)
    }
  }

  private func judgeLeftovers() {
    let place = Comment(rawValue: fault.testDescription)
    let isQuiet = eventually(within: 1) { stage.processes.isEmpty }
    #expect(isQuiet, place)
    #expect(
      stage.allSessions.count == fault.left.here, "\(fault.testDescription): \(stage.allSessions)")
    let isSettled = eventually(within: 1) {
      let count = stage.provider.openSessions.count
      return count == fault.left.there || (fault.left.isClosedPerhaps && count == 0)
    }
    #expect(isSettled, "\(fault.testDescription): \(stage.provider.openSessions)")
    let state = stage.home.path(of: Stage.state)
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: state)) ?? [] {
      judge(file: "\(state)/\(name)", (name as NSString).lastPathComponent)
    }
  }

  private func judge(file: String, _ name: String) {
    let place = Comment(rawValue: "\(fault.testDescription): \(file)")
    var status = stat()
    guard lstat(file, &status) == 0 else { return }
    if !fault.left.mayBeUnfinished { #expect(!name.hasPrefix("."), place) }
    guard status.st_mode & S_IFMT != S_IFLNK, status.st_uid == getuid() else { return }
    #expect(status.st_mode & 0o077 == 0 || fault.moment == .disk, place)
    guard name == "lock", status.st_mode & S_IFMT == S_IFREG else { return }
    let lock = open(file, O_RDONLY)
    // A process that has just gone may still have its files closed.
    let isFree = eventually(within: 1) { flock(lock, LOCK_EX | LOCK_NB) == 0 }
    #expect(isFree, "\(place.rawValue) is still locked")
    close(lock)
  }

  /// The next run, with the fault gone, connects; and nothing of the fault is in its way.
  private func judgeRecovery() {
    stage.heal()
    do {
      let prepared = try stage.prepare(fault.alias)
      #expect(prepared.status == 0, "\(fault.testDescription), then prepare: \(prepared)")
      guard !fault.alias.hasSuffix(".lambda") else { return }
      let next = try stage.connect(fault.alias)
      #expect(
        next.status == 0 && next.output.hasPrefix(EndpointManner.banner),
        "\(fault.testDescription), then connect: \(next)")
    } catch {
      Issue.record(error, "\(fault.testDescription): the next run")
    }
  }
}

/// How long the rows took, for the line that closes `scripts/faults`.
final class Waits: Sendable {
  static let shared = Waits()

  func add(_ seconds: Double, _ fault: Fault) {
    guard let path = ProcessInfo.processInfo.environment["SSHPROXY_FAULT_TIMES"],
      let file = fopen(path, "a")
    else { return }
    fputs("\(String(Int(seconds * 1000)))\t\(fault.testDescription)\n", file)
    fclose(file)
  }
}
