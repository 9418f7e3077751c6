import SessionRecord
import SystemIO

/// Finds the session that `prepare` has stored, or has one made.
struct SessionSearch {
  /// A session on record.
  final class Found {
    let record: SessionRecord
    /// Whether its server has sent a first byte before.
    let hasAnswered: Bool
    /// Where it is on record: opened once, for whoever goes by what was found there.
    let state: StateDirectory

    init(_ record: SessionRecord, hasAnswered: Bool, in state: consuming StateDirectory) {
      self.record = record
      self.hasAnswered = hasAnswered
      self.state = state
    }
  }

  let alias: String
  let invocation: Invocation

  /// - Throws: `.reported` when there is none, and a person has been told why; `.internalError` when
  ///   `sshproxy-session` cannot be run or stores its session elsewhere; `.inputOutput` when the state
  ///   directory cannot be used; `.temporary` for one that leads elsewhere than the one before; `.cancelled`.
  func find(_ caller: HangUpMonitor) throws(Failure) -> Found {
    guard let path = invocation.statePath else {
      throw Helper.replaceThisProcess(invocation)
    }
    var before: String?
    do throws(Failure) {
      let state = try StateDirectory(opening: path)
      // Read once: what another process puts there afterwards is not what the caller has read of.
      let record = state.record(of: alias)
      if let record, isUsable(record, in: state) { return found(record, in: state) }
      before = record?.endpointIdentity
      switch state.lockNote(of: alias) {
      case .dropped(let endpointIdentity): before = before ?? endpointIdentity
      // ssh runs us even when its `prepare` has just failed and reported why.
      case .failed(let failure) where failure.isRecent(at: WallClock.milliseconds):
        throw .reported(failure.status)
      case .failed, nil: break
      }
    } catch {
      // Where there is no directory yet, one is made. With `setup`'s lines, `prepare` has reported that
      // it cannot be used; without them, our helper does.
      if invocation.followsPrepare, !error.isReported, error.number != ENOENT {
        throw .reported(error.status)
      }
      if error.isReported { throw error }
    }
    let status = try make(caller)
    guard status == 0 else { throw .reported(status) }
    // It may be another directory by now: `prepare` makes it where it is missing.
    let state = try StateDirectory(opening: path)
    guard let record = state.record(of: alias), isUsable(record, in: state) else {
      throw Failure(
        .internalError, "sshproxy-session made a session that is not in \(path.sanitized())",
        hint: "run `sshproxy setup` again: it writes down where HOME and XDG_STATE_HOME are")
    }
    // A program that reads the generated files without asking us has read of the former session, and looks up
    // or records the host's key under that one's name; so has an ssh for which it was dropped meanwhile.
    if invocation.isManaged, let before, before != record.endpointIdentity {
      throw .moved(to: record.endpoint)
    }
    return found(record, in: state)
  }

  private func isUsable(_ record: SessionRecord, in state: borrowing StateDirectory) -> Bool {
    record.isAlive(at: WallClock.seconds) && !invocation.isOutdated(record, of: alias, in: state)
  }

  private func found(_ record: SessionRecord, in state: consuming StateDirectory) -> Found {
    let hasAnswered = state.hasAnswered(record, of: alias)
    return Found(record, hasAnswered: hasAnswered, in: state)
  }

  private func make(_ caller: HangUpMonitor) throws(Failure) -> Int32 {
    let run = try Helper.Run(["prepare", "--lifeline", alias], for: invocation)
    var items = [run.awaited]
    // It shows a live line of its own.
    _ = try caller.silent.wait(for: &items, until: nil)
    return run.status()
  }
}
