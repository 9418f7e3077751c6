public import SessionRecord
public import SystemIO

/// An alias's folder while nobody else changes it: of many at once, one asks the provider.
public struct AliasLock: ~Copyable {
  let folder: PrivateDirectory
  private let lock: FileLock
  /// When the wait for the lock began; Unix milliseconds.
  private let waitedSince: Int64

  /// - Throws: `.busy` when another process holds it until `deadline`.
  public init(
    _ alias: String, in store: borrowing SessionStore, until deadline: Moment, caller: Caller
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
        // A sweep may have removed the folder between the two steps.
        guard candidate.isRemoved else { throw error }
      }
    }
  }

  /// - Returns: `nil` when a sweep removed the folder as we made it.
  private static func makeFolder(
    _ alias: String, in store: borrowing SessionStore
  ) throws(Failure) -> PrivateDirectory? {
    do throws(SystemError) {
      return try PrivateDirectory(making: alias, in: store.sessions.descriptor.number)
    } catch {
      guard error.number == ENOENT, !store.sessions.isRemoved else { throw error.failure }
      return nil
    }
  }

  /// The failure of the one who held the lock while we waited for it: its answer is ours.
  public func failureMeanwhile(of alias: String, in state: borrowing StateDirectory) -> Failure? {
    guard let memory = state.lastFailure(of: alias), memory.time >= waitedSince,
      memory.time <= WallClock.milliseconds
    else { return nil }
    return Failure(remembered: memory)
  }

  /// Remembers a failure, or that there is none any more (`nil`).
  public func remember(_ failure: Failure?) {
    let text = failure.map { FailureMemory($0, time: WallClock.milliseconds).fileText } ?? ""
    // Written in place, since the lock belongs to the file. Half a line is no memory, no harm.
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

extension FailureMemory {
  init(_ failure: Failure, time: Int64) {
    self.init(
      status: failure.exitStatus.rawValue, time: time,
      messages: [failure.kind.rawValue, failure.step, failure.message, failure.hint ?? ""]
        .map { "=" + $0 })
  }
}

extension Failure {
  init?(remembered memory: FailureMemory) {
    let fields = memory.messages.map { String($0.dropFirst()) }
    guard fields.count == 4, let kind = Kind(rawValue: fields[0]) else { return nil }
    self.init(kind, step: fields[1], fields[2], hint: fields[3].isEmpty ? nil : fields[3])
  }
}
