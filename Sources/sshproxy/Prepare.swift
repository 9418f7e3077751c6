import SessionRecord
import SystemIO

/// `sshproxy prepare ALIAS`, which ssh runs while it reads its configuration.
struct Prepare {
  let alias: String
  let invocation: Invocation

  /// Returns at once if the stored session is still good; otherwise `sshproxy-session` takes over.
  /// - Throws: `.inputOutput` when the state directory cannot be opened, `.internalError` when
  ///   `sshproxy-session` cannot be run.
  func run() throws(Failure) {
    if let state = try invocation.openState(), let record = state.record(of: alias),
      record.isFresh(at: WallClock.seconds), state.isInPlace(record, of: alias),
      state.hasConfiguration, !invocation.isManaged || state.hasCall,
      !invocation.isOutdated(record, of: alias, in: state),
      !state.hasUnheardFailure(of: alias)
    {
      Terminal.trace(invocation)("session \(record.name) is good")
      if state.takesUpkeep(of: record, alias, at: WallClock.seconds) {
        Helper.release(["prepare", "--upkeep", record.name, alias], for: invocation)
      }
      return
    }
    throw Helper.replaceThisProcess(invocation)
  }
}
