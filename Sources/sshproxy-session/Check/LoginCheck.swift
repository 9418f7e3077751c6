import Configuration
import Sessions
import SystemIO

/// Checks host trust and login by running `true` on the machine, with the real ssh and its own
/// configuration.
struct LoginCheck {
  let plan: Plan
  let report: CheckReport
  let stored: StoredSession
  let destination: Destination
  let sshConfig: String?
  /// Whether ssh's configuration calls sshproxy; if not, ssh is run as `sshproxy ssh` runs it.
  let isSetUp: Bool

  private var context: Context { plan.context }
  private var alias: Alias { plan.alias }
  private var session: Session { stored.session }
  private var trust: Session.HostTrust { plan.target.route == .direct ? session.hostTrust : .users }

  /// The name under which ssh looks the host's key up; `nil` where what it says may be of a host in between.
  private var knownHostsName: String? {
    guard session.jump == nil else { return nil }
    return plan.target.route == .direct ? session.knownHostsName : alias.name
  }

  // What follows are ssh's own words: it ends with 255 whatever went wrong, and nothing else tells that apart.

  /// With `-v`, ssh prints this once it has accepted the host key (RFC 4253, section 7.3). A server can have
  /// ssh print it, too, so it tells the time alone.
  private static let newKeys = "debug1: SSH2_MSG_NEWKEYS received"
  /// ssh's last word where the server has refused every login, behind `LOGIN@HOST: `: by then it has accepted the
  /// host key. A server that has not proved its identity may have ssh quote it (the key exchanges that it
  /// offers), but not begin with it.
  private static let refusedLogin = "Permission denied ("
  /// The beginning of ssh's last message where no algorithm is common. What the server offers follows, which
  /// may have line ends in it: the lines behind this one are the server's, and prove nothing.
  private static let offer = "Unable to negotiate with "
  /// What ssh says where the host's key is not the one that is expected; the second from OpenSSH 10 on, where a
  /// certificate is another authority's and the plain key behind it may not be used. All other failures
  /// before the keys are exchanged are the connection's.
  private static let refusedKey = [
    "Host key verification failed", "not permitted by HostkeyAlgorithms",
  ]
  /// What it says where it knows another key than the host shows.
  private static let changedKey = "IDENTIFICATION HAS CHANGED"

  func run() throws(Failure) {
    context.liveLine.change(to: "logging in to \(alias.spelling)")
    let limit = Int.milliseconds(seconds: plan.configuration.connection.deadline)
    let run: ToolRun
    do throws(Failure) {
      run = try ToolRun(
        try InstalledPrograms.ssh(), try arguments(), until: Moment.now + limit,
        caller: context.caller)
    } catch {
      if error.kind == .cancelled { throw error }
      return report.add("login", .red(error), milliseconds: limit)
    }
    let offer = run.lines.first { $0.text.hasPrefix(Self.offer) }.map { "ssh says: " + $0.text }
    let end = run.signal.map { "ssh was ended by signal \($0)" }
    let failure = run.status == 0 ? nil : offer ?? end
    guard failure == nil,
      run.status != InstalledPrograms.statusOfFailedSSH || isRefusedLogin(lastWord(run))
    else {
      let refusal = run.lines.last { line in Self.refusedKey.contains { line.text.contains($0) } }
      report.add(
        refusal == nil ? "connection" : "host trust",
        refusal.map { untrusted(run, $0.text) } ?? unconnected(failure ?? lastWords(run)),
        milliseconds: run.duration)
      return
    }
    let before = run.lines.last { $0.text == Self.newKeys }?.time ?? 0
    report.add("host trust", .green(proofWords), milliseconds: before)
    report.add("login", login(run), milliseconds: run.duration - before)
  }

  private func arguments() throws(Failure) -> [String] {
    let file = sshConfig.map { ["-F", $0] } ?? []
    let words = [
      "-v", "-n", "-T", "-o", "BatchMode=yes", "-o", "ControlMaster=no", "-o", "ControlPath=none",
      "-o", "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no", "-o", "RemoteCommand=none",
    ]
    let login = destination.ownLogin(for: session)
    let own = isSetUp ? [] : try plan.sshOptions(for: stored, login: login)
    return own + file + words + [destination.host(for: session), "true"]
  }

  private func login(_ run: ToolRun) -> Finding {
    switch run.status {
    case 0: .green(isSetUp ? "by ssh" : "by `sshproxy ssh`, since ssh does not call sshproxy")
    case InstalledPrograms.statusOfFailedSSH:
      .red(lastWords(run), hint: loginHint, status: .denied)
    default:
      .yellow(
        "logged in, but `true` ends with status \(run.status)",
        hint: "the machine's shell does not run commands; a plain `ssh \(alias.name)` may work")
    }
  }

  private var loginHint: String {
    trust == .users
      ? "is your key at the machine, and in the agent or named by IdentityFile?"
      : "`sshproxy close \(alias.name)`, then try again with a new session"
  }

  private func untrusted(_ run: ToolRun, _ refusal: String) -> Finding {
    let hint =
      switch trust {
      case .users where run.lines.contains { $0.text.contains(Self.changedKey) }:
        "the host was set up anew, or somebody is in between; if you know that it was, "
          + "\(forgetting(run)) and `ssh \(alias.name)`"
      case .users: "run `ssh \(alias.name)` by hand once, compare the host's key and accept it"
      case .trustOnFirstUse, .authority, .hostKeys:
        "somebody may be in between; `sshproxy close \(alias.name)` makes a new session next time"
      }
    return .red("ssh says: " + struck(refusal).sanitized(), hint: hint, status: .unreachable)
  }

  private func isRefusedLogin(_ word: String) -> Bool {
    let parts = word.split(separator: " ", maxSplits: 1)
    return parts.count == 2 && parts[0].contains("@") && parts[0].last == ":"
      && parts[1].hasPrefix(Self.refusedLogin)
  }

  private func unconnected(_ words: String) -> Finding {
    .red(
      words.sanitized(),
      hint: "the machine may be down or still starting: run it again, or `ssh -v \(alias.name)`",
      status: .unreachable)
  }

  /// ssh names the file and the line of the key that it knows.
  private func forgetting(_ run: ToolRun) -> String {
    let place = run.lines.lazy.map(\.text).first { $0.hasPrefix("Offending ") }?
      .split(separator: " key in ", maxSplits: 1).last?.split(separator: ":").dropLast()
      .joined(separator: ":")
    // The line may be the server's own.
    guard let place, let knownHostsName, place.hasPrefix("/"), FilePath.isReadable(place) else {
      return "remove its old key from known_hosts"
    }
    return "`ssh-keygen -f \(place.quotedForShell) -R \(knownHostsName.quotedForShell)`"
  }

  /// How the host has proved itself.
  private var proofWords: String {
    switch trust {
    case .authority: "by the provider's authority"
    case .hostKeys: "by the key that the provider names"
    case .trustOnFirstUse: "trusted on first use"
    case .users: "by your known hosts"
    }
  }

  /// ssh's last message that is not debug output.
  private func lastWord(_ run: ToolRun) -> String {
    struck(run.lines.last { !$0.text.hasPrefix("debug1:") && !$0.text.isEmpty }?.text ?? "nothing")
  }

  /// ssh names the login, which may be a secret.
  private func struck(_ words: String) -> String {
    let secrets = Secrets()
    if let login = session.secretLogin { secrets.add(login.reveal()) }
    return secrets.struck(words)
  }

  private func lastWords(_ run: ToolRun) -> String { "ssh says: " + lastWord(run).sanitized() }
}
