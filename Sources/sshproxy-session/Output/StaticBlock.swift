import Configuration
import OpenSSH
import SSHSetup
import Sessions
import SystemIO

/// A `Host` block that leads to one stored session, for programs that read ssh's configuration but know
/// no `Match … exec`. It is good until the session ends.
struct StaticBlock {
  let plan: Plan
  let stored: StoredSession

  private var alias: String { plan.alias.name }
  private var target: Target { plan.target }

  /// The text of the block; its first line is a comment that says how long it is good.
  /// - Throws: `.configuration` for a path that cannot be written, `.invalidResponse` for a value that
  ///   cannot, `.usage` where the login is a secret.
  func text() throws(Failure) -> String {
    guard target.route != .direct || !stored.session.hasSecretLogin else {
      throw Failure(
        .usage, "there is no static block for it: its login is a secret, which is not printed",
        hint: "`sshproxy setup` once: then ssh reads it from a file of the session")
    }
    var lines = [
      "# For the session of \(alias), until \(TimeText.utc(stored.session.expires)). "
        + "Then: sshproxy resolve --ssh-config \(alias)",
      "Host \(alias)",
    ]
    for setting in try settings() { lines.append("  " + (try setting.line())) }
    // It may be kept: what the alias leads to later is not what the lines above are for.
    let call = try SSHSetup.proxyCommand(
      program: try InstalledPrograms.sshproxy(), files: plan.context.files, alias: alias,
      fdpass: false,
      reach: stored.record.reach)
    lines.append("  ProxyCommand \(call)")
    return lines.joined(separator: "\n") + "\n"
  }

  /// On the route `jump`, ssh logs in to the machine's own server as it would without us.
  private func settings() throws(Failure) -> [Setting] {
    guard target.route == .direct else { return [] }
    // Algorithms are for OpenSSH with hardened settings: to others, who know no host certificates, the
    // names of these would leave nothing to agree on. And this ProxyCommand passes no socket.
    let left: [Setting.Keyword] = [
      .hostKeyAlgorithms, .caSignatureAlgorithms, .pubkeyAcceptedKeyTypes, .ciphers,
      .controlMaster, .controlPersist, .controlPath, .proxyUseFdpass,
    ]
    let own = stored.session.loginSettings(for: alias, directory: stored.directory).filter {
      !left.contains($0.keyword)
    }
    guard stored.session.jump == nil else { return own }
    let endpoint = stored.session.endpoint
    return [Setting(.hostName, endpoint.host), Setting(.port, String(endpoint.port))] + own
  }
}
