import ArgumentParser
import Configuration
import OpenSSH
import Sessions
import SystemIO

struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Prepare the session, then start an editor on the machine.",
    discussion: """
      The editor logs in with ssh, so `sshproxy setup` has to have run. DIRECTORY is a path on the \
      machine, an absolute one; zed also takes '~' and '~/DIRECTORY', which have to be quoted, or \
      the shell here puts your own home directory in their place. The editor's exit status is passed \
      on.

      Example: sshproxy open code \(Installed.exampleAlias) /workspace
      """)

  @ParentCommand var root: Root

  @Flag(name: .customLong("print"), help: "Show the command, quoted for a shell, and run nothing.")
  var onlyPrint = false

  @Argument(help: "The editor: code, cursor, zed or windsurf.")
  var editor: Editor

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String

  @Argument(help: "The directory on the machine to open.", completion: .custom { _, _, _ in [] })
  var directory: String?

  func run() throws {
    let alias = try Alias(alias)
    try about(alias) { () throws(Failure) in
      let arguments = try editor.arguments(host: alias.name, directory: directory)
      let context = try Context(root.globalOptions, waitingFor: "preparing \(alias.spelling)")
      let plan = try Plan(context, alias)
      if onlyPrint {
        let words = [editor.command] + arguments
        return print(words.map(\.quotedForShell).joined(separator: " "))
      }
      let program = try editor.program()
      let stored = try plan.prepare()
      try warnWithoutSetup(plan, stored)
      throw replaceProcess(
        path: program, arguments: [program] + arguments, environment: inheritedEnvironment
      )
    }
  }

  /// The editor's ssh may read another configuration than `ssh` here, so this stops nothing.
  /// - Throws: `.cancelled`.
  private func warnWithoutSetup(_ plan: Plan, _ stored: StoredSession) throws(Failure) {
    let context = plan.context
    let found: Finding
    do throws(Failure) {
      found = try SSHReadBack(
        plan: plan, stored: stored, sshConfig: nil,
        shell: try ShellTrial(context.environment, caller: context.caller)
      ).finding()
    } catch {
      if error.kind == .cancelled { throw error }
      return Report.line("note: whether ssh calls sshproxy cannot be told: \(error.message)")
    }
    guard found.state == .red else { return }
    Report.line("note: \(editor.rawValue) will not reach \(plan.alias.spelling): \(found.detail)")
    if let hint = found.hint { Report.line("hint: " + hint) }
  }
}
