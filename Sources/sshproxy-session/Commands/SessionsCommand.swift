import ArgumentParser
import Configuration
import SessionRecord
import Sessions
import SystemIO

struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Show the sessions on this machine, with their expiry.",
    discussion: """
      An old session stays until it has expired, for an ssh that is still logging in with it;
      `state` says which one counts.

      Example: sshproxy sessions
      """)

  @ParentCommand var root: Root

  @Flag(help: "Print JSON.")
  var json = false

  /// An alias is never cut, for it is what is typed. In a narrow terminal the login, which may be 40 letters
  /// of a session's own, goes first.
  private static let columns: [Table.Column] = [
    .init("ALIAS"), .init("PROVIDER", rank: 2), .init("LOGIN", least: 8, rank: 1),
    .init("ENDPOINT", rank: 3), .init("STATE"), .init("EXPIRES"),
  ]

  func run() throws {
    let context = try Context(root.globalOptions)
    let store = try context.store()
    let entries = store.all().map { stored in
      let pointers = store.pointers(to: stored.record.name, of: stored.target.alias)
      return Entry(stored: stored, isCurrent: !pointers.isEmpty)
    }
    if json {
      let list = JSONText.list(entries.map(\.json))
      return print(JSONText.object([("sessions", list)]).rendered())
    }
    var table = Table(Self.columns)
    let width = TerminalWidth.ofOutput
    table.rows = entries.map { $0.row(isForPeople: width != nil) }
    print(width.map { table.text(width: $0) } ?? Table.tabbed(table.rows), terminator: "")
  }

  private struct Entry {
    let stored: StoredSession
    let isCurrent: Bool

    private var state: String {
      guard stored.record.isAlive(at: WallClock.seconds) else { return "expired" }
      return isCurrent ? "current" : "replaced"
    }

    var json: JSONText {
      let target = stored.target
      return .object(
        [
          ("alias", .text(target.alias)), ("provider", .text(target.provider)),
          ("id", .text(stored.session.machine ?? target.id)), ("state", .text(state)),
        ] + SessionText(stored).members)
    }

    func row(isForPeople: Bool) -> [String] {
      let end = stored.record.expires
      return [
        stored.target.alias, stored.target.provider, stored.session.loginName ?? "-",
        stored.record.endpoint.words, state,
        isForPeople ? TimeText.left(until: end) : TimeText.utc(end),
      ]
    }
  }
}
