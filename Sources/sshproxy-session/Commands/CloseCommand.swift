import ArgumentParser
import Configuration
import Sessions
import SystemIO

struct CloseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close",
    abstract: "Revoke sessions at the provider and wipe their files.",
    discussion: """
      The files are wiped in any case. Where the provider cannot be told, the exit status and a
      line on standard error say so: without its key nobody can use the session, which ends at
      the provider when it expires. Connections that stand are not cut.

      Example: sshproxy close \(Installed.exampleAlias)
      """)

  @ParentCommand var root: Root

  @Flag(help: "Every session on this machine.")
  var all = false

  @Argument(help: "Aliases, like \(Installed.exampleAlias).", completion: .sessions)
  var aliases: [String] = []

  func validate() throws {
    guard all != !aliases.isEmpty else {
      throw ValidationError(all ? "--all takes no alias" : "name an alias, or give --all")
    }
  }

  func run() throws {
    let given = try aliases.map { try Alias($0) }
    // What has been begun is finished, whether or not anybody reads what we say of it.
    let context = try Context(
      root.globalOptions, waitingFor: "closing sessions", waiter: .parent())
    let store = try context.store()
    var closing = try Closing(context)
    let named = all ? store.aliases.compactMap { try? Alias($0) } : given
    // ssh is run for it, which is not possible once we are confined.
    let sessions = named.flatMap { store.sessions(of: $0.name) }
    closing.stopSharing(of: sessions, in: store)
    closing.confine(for: named, sessions, in: store)
    var status: Int32?
    for alias in named {
      do throws(Failure) {
        context.liveLine.change(to: "closing \(alias.spelling)")
        let count = try closing.close(alias, in: store)
        context.liveLine.clear()
        if count > 0 { print("closed \(alias.name)") }
        if count == 0, !all { print("\(alias.name) has no session") }
      } catch {
        context.liveLine.clear()
        let reported = Report.of(error.about(alias.spelling))
        guard error.kind != .cancelled else {
          status = reported
          break
        }
        status = status ?? reported
      }
    }
    do throws(Failure) {
      try closing.finish(in: store)
    } catch {
      status = status ?? Report.of(error)
    }
    if let status { throw ExitCode(status) }
  }
}
