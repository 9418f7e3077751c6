import Foundation
import SystemIO
import TestSupport
import Testing

/// Holds what happened against what a row says.
struct Judge {
  let fault: Fault
  let testHome: FaultHome
  /// Whether this is the run that counts, however long it takes.
  let isLast: Bool

  /// - Returns: whether the run counts: it was in time, or is the last one.
  func judge(_ endings: [ProgramEnd]) -> Bool {
    guard isLast || (endings.allSatisfy(isInTime) && isSettledInTime()) else {
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

  /// Whether a run was as quick as promised, and not ended by a deadline that it would otherwise not have
  /// come to.
  private func isInTime(_ ending: ProgramEnd) -> Bool {
    let isOther =
      fault.status.map { $0 != ending.status } ?? false || !ending.errors.contains(fault.words)
    return ending.seconds <= fault.within
      && !(isOther && ending.seconds >= Double(fault.deadline) - 0.5)
  }

  /// Within a second of its end nothing of a run is left.
  private func isSettledInTime() -> Bool {
    eventually(within: 1) { isQuiet && isSettled && !locks.contains(where: Self.isHeld) }
  }

  private var files: [String] {
    let state = testHome.home.path(of: FaultHome.state)
    return ((try? FileManager.default.subpathsOfDirectory(atPath: state)) ?? []).map {
      "\(state)/\($0)"
    }
  }

  private var locks: [String] {
    files.filter { path in
      var status = stat()
      return path.hasSuffix("/lock") && lstat(path, &status) == 0
        && status.st_mode & S_IFMT == S_IFREG && status.st_uid == getuid()
    }
  }

  /// Whether somebody holds a lock; one whose file is gone by now nobody does.
  static func isHeld(_ lock: String) -> Bool {
    let file = open(lock, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return errno != ENOENT }
    defer { close(file) }
    return flock(file, LOCK_EX | LOCK_NB) != 0
  }

  private var isQuiet: Bool { testHome.processes.isEmpty }

  private var isSettled: Bool {
    let count = testHome.provider.openSessions.count
    return count == fault.left.there || (fault.left.isClosedPerhaps && count == 0)
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
    for secret in Array(FaultHome.keys.values) + [ScriptedProvider.daytonaToken] {
      #expect(!errors.contains(secret), place)
    }
  }

  private func judgeLeftovers() {
    let place = Comment(rawValue: fault.testDescription)
    #expect(eventually(within: 1) { isQuiet }, place)
    #expect(
      testHome.allSessions.count == fault.left.here,
      "\(fault.testDescription): \(testHome.allSessions)")
    #expect(
      eventually(within: 1) { isSettled },
      "\(fault.testDescription): \(testHome.provider.openSessions)")
    for file in files { judge(file: file, (file as NSString).lastPathComponent) }
    // A process that has just gone may still have its files closed.
    for lock in locks {
      #expect(
        eventually(within: 1) { !Self.isHeld(lock) }, "\(place.rawValue): \(lock) is still locked")
    }
  }

  private func judge(file: String, _ name: String) {
    let place = Comment(rawValue: "\(fault.testDescription): \(file)")
    var status = stat()
    guard lstat(file, &status) == 0 else { return }
    if !fault.left.mayBeUnfinished { #expect(!name.hasPrefix("."), place) }
    guard status.st_mode & S_IFMT != S_IFLNK, status.st_uid == getuid() else { return }
    #expect(status.st_mode & 0o077 == 0 || fault.moment == .disk, place)
  }

  /// The next run, with the fault gone, connects; and nothing of the fault is in its way.
  private func judgeRecovery() {
    testHome.heal()
    do {
      let prepared = try testHome.prepare(fault.alias)
      #expect(prepared.status == 0, "\(fault.testDescription), then prepare: \(prepared)")
      guard !fault.alias.hasSuffix(".lambda") else { return }
      let next = try testHome.connect(fault.alias)
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
