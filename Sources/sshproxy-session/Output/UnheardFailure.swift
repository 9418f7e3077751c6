import Configuration
import SessionRecord
import Sessions
import SystemIO

/// A failure of `connect` where ssh has thrown standard error away, as it does with ControlPersist: it goes to
/// the terminal, and where there is none it is kept for the next `prepare` and for `check`.
enum UnheardFailure {
  /// Has what is reported next seen, or keeps it.
  static func keep(_ failure: Failure, _ alias: Alias, _ context: Context) {
    guard StandardDescriptors.errorIsDiscarded, !StandardDescriptors.leadErrorToTerminal() else {
      return
    }
    context.existingStore()?.state.keepUnheard(failure, of: alias.name)
  }

  /// Says, once, what nobody saw. An ssh that only prints its configuration is an editor's.
  static func tell(_ alias: Alias, _ context: Context) {
    guard !StandardDescriptors.errorIsDiscarded, !CallingSSH.onlyPrints,
      let last = context.existingStore()?.state.takeUnheardFailure(of: alias.name),
      let failure = last.failure
    else { return }
    Report.line(
      "note: \(alias.spelling): the last login failed \(age(of: last)) ago and could not say so: "
        + "\(failure.text); `sshproxy check \(alias.name)` looks into it")
  }

  /// What `check` shows: of one alias, or of all.
  static func report(_ alias: Alias?, _ context: Context, _ report: CheckReport) {
    guard let store = context.existingStore() else { return }
    for name in alias.map({ [$0.name] }) ?? store.aliases {
      guard let last = store.state.unheardFailure(of: name), let failure = last.failure else {
        continue
      }
      let subject = alias == nil ? "\(name), " : ""
      report.add(
        "last failure",
        .yellow(
          "\(subject)\(age(of: last)) ago, where nobody saw it: \(failure.text)",
          hint: failure.advice), milliseconds: 0)
    }
  }

  private static func age(of failure: LastFailure) -> String {
    TimeText.age(since: failure.time / 1000)
  }
}
