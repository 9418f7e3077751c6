import Configuration
import OpenSSH
import Sessions
import SystemIO

/// Compares ssh's effective configuration for an alias (`ssh -G`) with what it should be.
struct SSHReadBack {
  let plan: Plan
  let stored: StoredSession
  let sshConfig: String?
  /// `nil` where it could not be tried.
  let shell: ShellTrial?

  /// How long ssh may take, in milliseconds. It runs `prepare`, which has nothing to do.
  private static let timeout = 30_000

  func finding() throws(Failure) -> Finding {
    if let shell, case .unusable = shell.verdict { return shell.finding }
    let run = try ToolRun.printing(
      plan.alias.spelling, sshConfig, within: Self.timeout, caller: plan.context.caller)
    return run.refusal ?? judge(Self.values(run.lines.map(\.text)))
  }

  private func judge(_ values: [String: [String]]) -> Finding {
    let command = values["proxycommand"]?.first ?? "none"
    if !ProgramCall.isOurs(command) {
      return .red(
        "ssh does not call sshproxy: its ProxyCommand is \(command.sanitized(limit: 80))",
        hint: "run `sshproxy setup`; a block before its Include may set another ProxyCommand",
        status: .configuration)
    }
    for setting in stored.session.settings(for: plan.target, directory: stored.directory) {
      let found =
        values[setting.keyword.rawValue.lowercased()]
        ?? (setting.keyword == .pubkeyAcceptedKeyTypes ? values["pubkeyacceptedalgorithms"] : nil)
        ?? []
      // ssh has put the login behind this path.
      let login = setting.keyword == .controlPath ? "-" + (values["user"]?.first ?? "") : ""
      // Of a path that is `none`, ssh prints nothing.
      let isUnshared =
        setting == Setting(.controlPath, Setting.unshared)
        && found.allSatisfy { $0 == Setting.unshared }
      guard !isUnshared, !found.contains(where: { Self.isSame($0, setting.value + login) }) else {
        continue
      }
      let other = found.first?.sanitized(limit: 80) ?? "nothing"
      let isSecret = setting.keyword == .user && stored.session.hasSecretLogin
      return .red(
        "an earlier line wins: \(setting.keyword.rawValue) is \(other), not "
          + (isSecret ? "the session's secret" : setting.value.sanitized(limit: 80)),
        hint: "the Include of sshproxy.conf has to come before every Host block that sets "
          + "\(setting.keyword.rawValue); `sshproxy setup` puts it first",
        status: .configuration)
    }
    let user =
      stored.session.hasSecretLogin && plan.target.route == .direct
      ? "a secret" : values["user"]?.first?.sanitized(limit: 80) ?? ""
    let passes = values["proxyusefdpass"]?.first == "yes"
    let way = stored.session.jumpText.map { "through \($0)" } ?? "fdpass \(passes ? "on" : "off")"
    return .green("User \(user), \(way)")
  }

  /// ssh prints some switches as `true` and `false`, and the numeric host of a ProxyJump in brackets.
  private static func isSame(_ found: String, _ wanted: String) -> Bool {
    func bare(_ text: String) -> String { text.filter { $0 != "[" && $0 != "]" } }
    let words = ["true": "yes", "false": "no"]
    // Of a list with `^`, ssh prints what becomes of it.
    if wanted.first == "^" { return found.hasPrefix(wanted.dropFirst() + ",") }
    return bare(found) == bare(wanted) || words[found] == wanted
  }

  /// The values by keyword, which ssh writes in lower case.
  private static func values(_ lines: [String]) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for line in lines {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      if words.count == 2 { result[words[0], default: []].append(words[1]) }
    }
    return result
  }
}
