import ArgumentParser
import Configuration
import OpenSSH
import SessionRecord
import Sessions
import SystemIO

struct ResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Show what an alias means: provider, id, login, endpoint, expiry, route.",
    discussion: """
      Looks at the configuration and at the stored session, and asks nobody. No key is shown. With \
      --ssh-config it prints a Host block for programs that know no `Match exec`, good until the \
      session ends; a session is made where there is none.

      Example: sshproxy resolve --ssh-config \(Installed.exampleAlias) >> ~/.ssh/config.d/sb1
      """)

  @ParentCommand var root: Root

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print a static Host block for ssh's configuration; makes a session if need be.")
  var sshConfig = false

  @Flag(help: "Make a session where there is none that is good.")
  var create = false

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String

  func validate() throws {
    if json, sshConfig { throw ValidationError("--json and --ssh-config exclude each other") }
  }

  func run() throws {
    let alias = try Alias(alias)
    try about(alias) { () throws(Failure) in
      let context = try Context(
        root.globalOptions, waitingFor: "preparing \(alias.spelling)", confinesTalks: true)
      let plan = try Plan(context, alias)
      let target = plan.target
      let stored =
        try create || sshConfig
        ? plan.prepare() : plan.manager().alive(in: try plan.store(), by: .ssh)
      if sshConfig, let stored {
        print(try StaticBlock(plan: plan, stored: stored).text(), terminator: "")
      } else if json {
        print(Self.json(alias, target, stored).rendered())
      } else {
        print(Self.text(alias, target, stored), terminator: "")
      }
    }
  }

  private static func json(
    _ alias: Alias, _ target: Target, _ stored: StoredSession?
  ) -> JSONText {
    .object([
      ("alias", .text(alias.name)), ("provider", .text(target.provider.rawValue)),
      ("id", .text(stored?.session.machine ?? target.id)), ("route", .text(target.routeName)),
      ("jump_target", .optional(target.jumpDestination?.text)),
      ("through", .optional(target.through?.text)),
      ("session", stored.map { SessionText($0).json } ?? .null),
    ])
  }

  /// In columns.
  private static let nameWidth = "host trust ".count

  private static func text(_ alias: Alias, _ target: Target, _ stored: StoredSession?) -> String {
    var lines = [
      ("alias", alias.name), ("provider", target.provider.rawValue),
      ("id", stored?.session.machine ?? target.id),
      ("route", target.jumpDestination.map { "jump to \($0.text)" } ?? target.routeName),
    ]
    if let through = target.through { lines.append(("through", through.text)) }
    if let stored {
      lines += SessionText(stored).lines
    } else {
      lines.append(("session", "none; --create makes one, and so does ssh"))
    }
    return lines.map { name, value in
      name + String(repeating: " ", count: nameWidth - name.count) + value + "\n"
    }.joined()
  }
}

extension Target {
  var routeName: String { route == .direct ? "direct" : "jump" }
}
