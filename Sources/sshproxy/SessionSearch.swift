import SessionRecord
import SystemIO

/// Finds the session that `prepare` has stored, or has one made.
struct SessionSearch {
  enum Finding {
    case found(SessionRecord)
    /// There is none, and the reason has been reported. The value is the exit status.
    case failed(Int32)

    var status: Int32 {
      if case .failed(let status) = self { status } else { ExitStatus.done.rawValue }
    }
  }

  let alias: String
  let invocation: Invocation

  /// - Throws: `.internalError` when `sshproxy-session` cannot be run or stores its session elsewhere,
  ///   `.cancelled`.
  func find(_ caller: HangUpMonitor) throws(Failure) -> Finding {
    guard let path = invocation.statePath else {
      throw Helper.replaceThisProcess(invocation)
    }
    if let record = stored { return .found(record) }
    if invocation.isManaged, isUnusable(path) {
      return .failed(ExitStatus.inputOutput.rawValue)
    }
    // ssh runs us even when its `prepare` has just failed and reported why.
    if let failure = invocation.openState()?.lastFailure(of: alias),
      failure.isRecent(at: WallClock.milliseconds)
    {
      return .failed(failure.status)
    }
    let status = try make(caller)
    guard status == 0 else { return .failed(status) }
    guard let record = stored else {
      throw Failure(
        .internalError, "sshproxy-session made a session that is not in \(path.sanitized())",
        hint: "run `sshproxy setup` again: it writes down where HOME and XDG_STATE_HOME are")
    }
    return .found(record)
  }

  /// Whether others can write the directory. With `setup`'s lines, `prepare` has reported it.
  private func isUnusable(_ path: String) -> Bool {
    do throws(SystemError) {
      _ = try StateDirectory(opening: path)
      return false
    } catch {
      return error.number == EPERM
    }
  }

  private var stored: SessionRecord? {
    guard let state = invocation.openState(), let record = state.record(of: alias),
      record.isAlive(at: WallClock.seconds), !invocation.isOutdated(record, of: alias, in: state)
    else { return nil }
    return record
  }

  private func make(_ caller: HangUpMonitor) throws(Failure) -> Int32 {
    let run = try Helper.Run(["prepare", "--lifeline", alias], for: invocation)
    // It shows a progress line of its own.
    var caller = caller
    caller.onWaiting = nil
    var items = [run.awaited]
    _ = try caller.wait(for: &items, until: nil)
    return run.status()
  }
}
