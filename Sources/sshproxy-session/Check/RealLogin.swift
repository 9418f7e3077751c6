import Sessions
import SystemIO

/// Validator host trust and login by running `true` on the machine, with the real ssh and its own
/// configuration.
struct RealLogin {
  let context: Context
  let report: CheckReport
  let alias: Alias
  /// The login that the user gave, where it is the user's to give.
  let login: String?
  let sshConfig: String?
  /// Whether ssh's configuration calls sshproxy; if not, `sshproxy ssh` is run instead.
  let isSetUp: Bool
  let trust: Session.HostTrust
  /// Is struck out of what ssh says, which names the login.
  let secretLogin: SecretLogin?
  /// Seconds.
  let deadline: Int

  /// With `-v`, ssh prints this once it has accepted the host key (RFC 4253, section 7.3).
  private static let newKeys = "SSH2_MSG_NEWKEYS received"
  /// ssh's last word where the host's key is not the one that is expected, whatever came before it. All
  /// other failures before the keys are exchanged are the connection's.
  private static let refusedKey = "Host key verification failed"
  /// ssh's own exit status when it could not log in.
  private static let noLogin: Int32 = 255

  func run() throws(Failure) {
    context.liveLine.change(to: "logging in to \(alias.spelling)")
    let (program, words) = try command()
    let limit = Int.milliseconds(seconds: deadline)
    let run: ToolRun
    do throws(Failure) {
      run = try ToolRun(program, words, until: Moment.now + limit, caller: context.caller)
    } catch {
      if error.kind == .cancelled { throw error }
      return report.add("login", .red(error), milliseconds: limit)
    }
    let trusted = run.lines.first { $0.text.contains(Self.newKeys) }
    let worked = run.status != Self.noLogin
    guard trusted != nil || worked else {
      let isHostKey = run.lines.contains { $0.text.contains(Self.refusedKey) }
      report.add(
        isHostKey ? "host trust" : "connection", isHostKey ? untrusted(run) : unconnected(run),
        milliseconds: run.duration)
      return
    }
    let before = trusted?.time ?? 0
    report.add("host trust", .green(trustWords), milliseconds: before)
    report.add("login", login(run), milliseconds: run.duration - before)
  }

  private func command() throws(Failure) -> (String, [String]) {
    let file = sshConfig.map { ["-F", $0] } ?? []
    let words = [
      "-v", "-n", "-T", "-o", "BatchMode=yes", "-o", "ControlMaster=no", "-o", "ControlPath=none",
      "-o", "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no", "-o", "RemoteCommand=none",
    ]
    let goal = login.map { "\($0)@\(alias.spelling)" } ?? alias.spelling
    guard isSetUp else {
      let program = try InstalledPrograms.sshproxy()
      return (program, context.locationOptions + ["ssh", goal] + file + words + ["true"])
    }
    return (try InstalledPrograms.ssh(), file + words + [goal, "true"])
  }

  private func login(_ run: ToolRun) -> Finding {
    switch run.status {
    case 0: .green(isSetUp ? "by ssh" : "by `sshproxy ssh`, since ssh does not call sshproxy")
    case Self.noLogin:
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

  private func untrusted(_ run: ToolRun) -> Finding {
    let hint =
      switch trust {
      case .users: "run `ssh \(alias.name)` by hand once, compare the host's key and accept it"
      case .trustOnFirstUse, .authority, .hostKeys:
        "somebody may be in between; `sshproxy close \(alias.name)` makes a new session next time"
      }
    return .red(lastWords(run), hint: hint, status: .unreachable)
  }

  private func unconnected(_ run: ToolRun) -> Finding {
    .red(
      lastWords(run),
      hint: "the machine may be down or still starting: run it again, or `ssh -v \(alias.name)`",
      status: .unreachable)
  }

  private var trustWords: String {
    switch trust {
    case .authority: "by the provider's authority"
    case .hostKeys: "by the key that the provider names"
    case .trustOnFirstUse: "pinned at first sight"
    case .users: "by your known hosts"
    }
  }

  /// ssh's last message that is not debug output.
  private func lastWords(_ run: ToolRun) -> String {
    let said = run.lines.map(\.text).filter { !$0.hasPrefix("debug1:") && !$0.isEmpty }
    let secrets = Secrets()
    if let secretLogin { secrets.add(secretLogin.reveal()) }
    return "ssh says: " + secrets.struck(said.last ?? "nothing").sanitized()
  }
}
