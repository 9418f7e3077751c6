import ArgumentParser
import OpenSSH
import Sessions
import SystemIO

struct SSHCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ssh",
    abstract: "Prepare the session, then run OpenSSH with everything on its command line.",
    discussion: """
      Needs no setup. What follows the alias goes to ssh as it is; ssh's exit status is passed on. \
      `user@alias` is for machines that you log in to by your own key; with a session's key the \
      login is the session's. Without an alias, on a terminal, it lists your machines for you to pick one.

      Example: sshproxy ssh \(Installed.exampleAlias) -L 8080:localhost:80 nvidia-smi
      """)

  @ParentCommand var root: Root

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String?

  @Argument(parsing: .captureForPassthrough, help: "Options and command for ssh.")
  var arguments: [String] = []

  func run() throws {
    let words = try alias ?? picked()
    guard let words else { return }
    let destination = try Destination(words)
    let alias = destination.alias
    try about(alias) { () throws(Failure) in
      let context = try Context(root.globalOptions, waitingFor: "preparing \(alias.spelling)")
      try SessionProbe(context, alias).confirm()
      let stored = try context.prepare(alias)
      let ssh = try InstalledPrograms.ssh()
      let login = destination.login(for: stored.session)
      let goal = login.map { "\($0)@\(alias.spelling)" } ?? alias.spelling
      let words = [ssh] + (try options(alias, stored, context, login)) + [goal] + arguments
      throw replaceProcess(path: ssh, arguments: words, environment: inheritedEnvironment).failure
    }
  }

  /// The alias that the user picks; `nil` for none.
  private func picked() throws(Failure) -> String? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      throw Failure(
        .usage, "there is no alias, and no terminal to pick one on",
        hint: "`sshproxy list` shows the aliases; `sshproxy ssh \(Installed.exampleAlias)`")
    }
    let context = try Context(
      root.globalOptions, waitingFor: "listing machines", tellsSoon: true)
    return try MachinePicker(context).pick()
  }

  private func options(
    _ alias: Alias, _ stored: StoredSession, _ context: Context, _ login: String?
  ) throws(Failure) -> [String] {
    let configuration = try context.configuration()
    let target = try configuration.target(for: alias)
    var words: [String] = []
    // To ssh, an option counts more than `user@`.
    let settings =
      target.route == .direct
      ? stored.session.settings(directory: stored.directory)
        .filter { login == nil || $0.keyword != .user }
      : stored.session.keepalive
    for setting in settings { words += try setting.arguments() }
    if target.route == .direct, stored.session.jump != nil { return words }
    let call = try SSHSetup.proxyCommand(
      program: try InstalledPrograms.sshproxy(), files: context.files)
    let passing = target.route == .direct ? "yes" : "no"
    return words + ["-o", "ProxyCommand=\(call)", "-o", "ProxyUseFdpass=\(passing)"]
  }
}
