import Configuration
import SessionRecord
import Sessions
import SystemIO

/// Checks the way to one alias's machine, step by step, as ssh takes it.
struct AliasCheck {
  let context: Context
  let report: CheckReport
  let configuration: Configuration
  let destination: Destination
  let sshConfig: String?
  /// `nil` where it could not be tried.
  let shell: ShellTrial?

  private var alias: Alias { destination.alias }

  func run() throws(Failure) {
    var made: Plan?
    try report.step("alias") { () throws(Failure) in
      let plan = try Plan(context, alias, configuration)
      let target = plan.target
      made = plan
      let next = target.jumpDestination.map { ", then on to \($0.text)" } ?? ""
      return .green("\(target.id.sanitized()) at \(target.provider.title)\(next)")
    }
    guard let plan = made else { return }
    UnheardFailure.report(alias, context, report)
    try AccountCheck(context: context, report: report, configuration: configuration)
      .run(plan.target.provider)
    let earlier = (try? plan.store())?.state.record(of: alias.name)?.name
    guard var stored = try session(plan) else { return }
    if stored.record.name == earlier, try isGone(stored, plan) {
      guard let other = try session(plan) else { return }
      stored = other
    }
    if let problem = destination.problem(with: stored.session) {
      report.add(
        "login name", .yellow(problem, hint: "`ssh \(alias.spelling)`"), milliseconds: 0)
    }
    let readBack = SSHReadBack(plan: plan, stored: stored, sshConfig: sshConfig, shell: shell)
    let callsUs = try report.step("ssh -G", readBack.finding)
    if stored.session.jump == nil {
      let endpoint = EndpointCheck(plan: plan, report: report, session: stored.session)
      guard try endpoint.run() else { return }
    }
    try LoginCheck(
      plan: plan, report: report, stored: stored, destination: destination, sshConfig: sshConfig,
      isSetUp: callsUs
    ).run()
  }

  /// Whether the provider knows a session of an earlier call no more: ssh would wait for it until the deadline.
  /// Then it is dropped here, too.
  private func isGone(_ stored: StoredSession, _ plan: Plan) throws(Failure) -> Bool {
    guard stored.session.isAskable(at: plan.target.provider) else { return false }
    let title = plan.target.provider.title
    var isGone = false
    try report.step("session there") { () throws(Failure) in
      let verdict = try plan.manager().ask(about: stored.record.name, try plan.store())
      guard case .gone = verdict else { return .green("\(title) has it, too") }
      isGone = true
      return .yellow(
        "the session is gone at \(title)", hint: "nothing to do: a new one takes its place")
    }
    return isGone
  }

  /// The stored session, or a new one. Each call to the provider is reported with its time.
  private func session(_ plan: Plan) throws(Failure) -> StoredSession? {
    let before = Moment.now
    let begin = WallClock.seconds
    context.calls.clear()
    let result = Result { () throws(Failure) in try plan.prepare() }
    let time = Moment.now - before
    for call in context.calls.entries {
      report.add(call.step, .green("done"), milliseconds: call.milliseconds)
    }
    do throws(Failure) {
      let stored = try result.get()
      let origin = stored.record.created < begin ? "stored" : "new"
      let left = TimeText.left(until: stored.record.expires)
      report.add("session", .green("\(origin), \(left) left"), milliseconds: time)
      return stored
    } catch {
      if error.kind == .cancelled { throw error }
      report.add(error.step.isEmpty ? "session" : error.step, .red(error), milliseconds: time)
      return nil
    }
  }
}
