import ArgumentParser
import Configuration
import OpenSSH
import SSHSetup
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
      yours leads nowhere. Without an alias, on a terminal, it lists your machines for you to pick one.

      Example: sshproxy ssh \(Installed.exampleAlias) -L 8080:localhost:80 nvidia-smi
      """)

  @ParentCommand var root: Root

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String?

  @Argument(parsing: .captureForPassthrough, help: "Options and command for ssh.")
  var arguments: [String] = []

  func run() throws {
    guard let alias else { return try pick() }
    try logIn(to: try Destination(alias))
  }

  /// - Parameters:
  ///   - earlier: that of the list from which the alias was picked.
  ///   - known: the configuration, where it has been read already.
  private func logIn(
    to destination: Destination, after earlier: Context? = nil, _ known: Configuration? = nil
  ) throws {
    let alias = destination.alias
    try about(alias) { () throws(Failure) in
      let context = try Context(
        root.globalOptions, waitingFor: "preparing \(alias.spelling)", waiter: .parent(),
        after: earlier)
      UnheardFailure.tell(alias, context)
      let plan = try Plan(context, alias, known)
      try SessionProbe(plan).confirm()
      let stored = try plan.prepare()
      let ssh = try InstalledPrograms.ssh()
      let login = destination.login(for: stored.session)
      let host = destination.host(for: stored.session)
      let words = [ssh] + (try plan.sshOptions(for: stored, login: login)) + [host] + arguments
      throw replaceProcess(path: ssh, arguments: words, environment: inheritedEnvironment)
    }
  }

  /// Logs in to the machine that the user picks, if any.
  private func pick() throws {
    guard isTerminal(STDIN_FILENO), isTerminal(STDERR_FILENO) else {
      throw Failure(
        .usage, "there is no alias, and no terminal to pick one on",
        hint: "`sshproxy list` shows the aliases; `sshproxy ssh \(Installed.exampleAlias)`")
    }
    let context = try Context(
      root.globalOptions, waitingFor: "listing machines", waiter: .parent(), tellsSoon: true)
    let configuration = try context.configuration()
    guard let alias = try MachinePicker(context, configuration).pick() else { return }
    try logIn(to: try Destination(alias), after: context, configuration)
  }
}
