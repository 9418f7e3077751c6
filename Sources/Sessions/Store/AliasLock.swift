public import SessionRecord
public import SystemIO

/// The lock of an alias's folder. Its holder alone changes the folder and asks the provider.
public struct AliasLock: ~Copyable {
  let folder: PrivateDirectory
  private let lock: FileLock
  /// When the wait for the lock began; Unix milliseconds.
  private let waitedSince: Int64

  /// - Throws: `.temporary` when another process holds the lock until `deadline`, `.cancelled`,
  ///   `.inputOutput`.
  public init(
    _ alias: String, in store: SessionStore, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    waitedSince = WallClock.milliseconds
    while true {
      guard let candidate = try Self.makeFolder(alias, in: store) else { continue }
      do throws(Failure) {
        lock = try FileLock(
          StateDirectory.lockName, in: candidate.descriptor, until: deadline, caller: caller)
        folder = candidate
        return
      } catch {
        // A sweep may have removed the folder before we locked it; then it is made again.
        guard candidate.isRemoved else { throw error }
      }
    }
  }

  /// Gives the lock up; not called, that happens sometime after its last use.
  public consuming func end() {}

  /// - Returns: `nil` when a sweep has removed the folder at the same moment.
  private static func makeFolder(
    _ alias: String, in store: SessionStore
  ) throws(Failure) -> PrivateDirectory? {
    do throws(SystemError) {
      return try PrivateDirectory(making: alias, in: store.sessions.descriptor.number)
    } catch {
      guard error.number == ENOENT, !store.sessions.isRemoved else { throw error.failure }
      return nil
    }
  }

  /// The failure of the process that held the lock while we waited. Its result counts for us too.
  public func failureMeanwhile(of alias: String, in state: borrowing StateDirectory) -> Failure? {
    guard let memory = state.lastFailure(of: alias), memory.time >= waitedSince,
      memory.time <= WallClock.milliseconds
    else { return nil }
    return Failure(remembered: memory)
  }

  /// Records a failure, or with `nil` that there is none any more. A failure to write it is ignored.
  public func remember(_ failure: Failure?) {
    let text = failure.map { LastFailure($0, time: WallClock.milliseconds).fileText } ?? ""
    // Written in place, because the lock belongs to this very file. A line cut short is not read as
    // a failure, which does no harm.
    guard
      let file = try? Descriptor.open(
        StateDirectory.lockName, flags: O_WRONLY | O_TRUNC | O_NOFOLLOW,
        in: folder.descriptor.number)
    else { return }
    fchmod(file.number, 0o600)
    var copy = text
    let isWritten: Void? = copy.withUTF8 { try? file.writeAll(UnsafeRawBufferPointer($0)) }
    if isWritten == nil { fchmod(file.number, mode_t(StateDirectory.wordlessMode)) }
  }
}

extension LastFailure {
  init(_ failure: Failure, time: Int64) {
    self.init(
      status: failure.exitStatus.rawValue, time: time,
      messages: [failure.kind.rawValue, failure.step, failure.message, failure.hint ?? ""]
        .map { "=" + $0 })
  }
}

extension Failure {
  init?(remembered memory: LastFailure) {
    let fields = memory.messages.map { String($0.dropFirst()) }
    guard fields.count == 4, let kind = Kind(rawValue: fields[0]) else { return nil }
    self.init(kind, step: fields[1], fields[2], hint: fields[3].isEmpty ? nil : fields[3])
  }
}
