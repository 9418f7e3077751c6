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
      login is the session's. Where that is a secret, ssh reads it from a file by `-F`, so an `-F` of \
      yours leads nowhere.

      Example: sshproxy ssh \(Installed.exampleAlias) -L 8080:localhost:80 nvidia-smi
      """)

  @ParentCommand var root: Root

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String

  @Argument(parsing: .captureForPassthrough, help: "Options and command for ssh.")
  var arguments: [String] = []

  func run() throws {
    let destination = try Destination(alias)
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

  private func options(
    _ alias: Alias, _ stored: StoredSession, _ context: Context, _ login: String?
  ) throws(Failure) -> [String] {
    let configuration = try context.configuration()
    let target = try configuration.target(for: alias)
    var words: [String] = []
    let isSecret = target.route == .direct && stored.session.hasSecretLogin
    // Everybody can read a process's arguments.
    if isSecret { words = ["-F", "\(stored.directory)/\(Session.FileName.wholeConfiguration)"] }
    // To ssh, an option counts more than `user@`.
    let settings =
      target.route == .direct
      ? stored.session.settings(directory: stored.directory)
        .filter { (login == nil && !isSecret) || $0.keyword != .user }
      : stored.session.keepalive
    for setting in settings { words += try setting.arguments() }
    if target.route == .direct, stored.session.jump != nil { return words }
    let call = try SSHSetup.proxyCommand(
      program: try InstalledPrograms.sshproxy(), files: context.files)
    let passing = target.route == .direct ? "yes" : "no"
    return words + ["-o", "ProxyCommand=\(call)", "-o", "ProxyUseFdpass=\(passing)"]
  }
}
