import SessionRecord
import Sessions
import SystemIO

/// Validator the way to one alias's machine, step by step, as ssh takes it.
struct AliasCheck {
  let context: Context
  let report: CheckReport
  let configuration: Configuration
  let destination: Destination
  let sshConfig: String?

  private var alias: Alias { destination.alias }

  func run() throws(Failure) {
    var made: Plan?
    try report.step("alias") { () throws(Failure) in
      let plan = try Plan(context, alias, configuration)
      let target = plan.target
      made = plan
      let goal = target.jumpGoal.map { ", then on to \($0)" } ?? ""
      return .green("\(target.id.sanitized()) at \(target.provider.title)\(goal)")
    }
    guard let plan = made else { return }
    let target = plan.target
    try Accounts(context: context, report: report, configuration: configuration)
      .run(target.provider)
    guard let stored = try session(plan) else { return }
    if let problem = destination.problem(with: stored.session) {
      report.add(
        "login name", .yellow(problem, hint: "`ssh \(alias.spelling)`"), milliseconds: 0)
    }
    let readBack = SSHReadBack(
      context: context, alias: alias, target: target, stored: stored, sshConfig: sshConfig)
    let callsUs = try report.step("ssh -G", readBack.finding)
    if stored.session.jump == nil {
      let endpoint = EndpointCheck(
        context: context, report: report, alias: alias.name, session: stored.session,
        through: target.through, rule: plan.rule,
        deadline: configuration.connection.deadline)
      guard try endpoint.run() else { return }
    }
    try RealLogin(
      context: context, report: report, alias: alias,
      login: stored.session.bringsLogin ? nil : destination.given,
      sshConfig: sshConfig, isSetUp: callsUs,
      trust: target.route == .direct ? stored.session.hostTrust : .users,
      knownHostsName: target.route == .direct ? stored.session.knownHostsName : alias.name,
      secretLogin: stored.session.secretLogin,
      deadline: configuration.connection.deadline
    ).run()
  }

  /// The stored session, or a new one. Each call to the provider is reported with its time.
  private func session(_ plan: Plan) throws(Failure) -> StoredSession? {
    var found: StoredSession?
    let before = Moment.now
    let begin = WallClock.seconds
    context.calls.clear()
    do throws(Failure) {
      let stored = try plan.prepare()
      found = stored
      let end = stored.record.expires
      for call in context.calls.entries {
        report.add(call.step, .green("done"), milliseconds: call.milliseconds)
      }
      report.add(
        "session",
        .green(
          "\(stored.record.created < begin ? "stored" : "new"), \(TimeText.left(until: end)) left"),
        milliseconds: Moment.now - before)
    } catch {
      if error.kind == .cancelled { throw error }
      for call in context.calls.entries {
        report.add(call.step, .green("done"), milliseconds: call.milliseconds)
      }
      report.add(
        error.step.isEmpty ? "session" : error.step, .red(error), milliseconds: Moment.now - before)
    }
    return found
  }
}
