import ArgumentParser
import Providers
import Sessions
import SystemIO

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the machines that the keys on this computer can reach, as aliases.",
    discussion: """
      Asks \(Installed.listing.map(\.kind.title).joined(last: "and")), those of them that there is \
      a key for. On a terminal it is a table; else a line a machine: alias, provider, state, name, \
      creation, between tabs. One that fails is told on standard error and by the exit status; \
      the other is listed all the same. The shell's completion offers what was listed last.

      Example: sshproxy list \(Installed.listing.first?.name ?? "PROVIDER")
      """)

  @ParentCommand var root: Root

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: .hidden)
  var vendors = false

  @Argument(
    help: "Only this provider: \(Installed.listing.map(\.name).joined(last: "or")).",
    completion: .list(Installed.listing.map(\.name)))
  var provider: VendorName?

  func validate() throws {
    if let reason = provider?.vendor.withoutList { throw ValidationError(reason) }
  }

  func run() throws {
    // What scripts/manual writes of them.
    if vendors { return print(VendorText.json.rendered()) }
    let context = try Context(
      root.globalOptions, waitingFor: "listing machines", confinesTalks: true,
      tellsSoon: true)
    let configuration = try context.configuration()
    var listing = MachineTable(configuration)
    var failures: [(ProviderKind, Failure)] = []
    let kinds = try kinds(configuration)
    let providers = context.providers(configuration)
    providers.getKeys(of: kinds)
    // Where `list` remembers what it has shown.
    _ = try? PrivateDirectory(making: context.files.stateDirectory)
    var cut: [ProviderKind] = []
    for kind in kinds {
      do throws(Failure) {
        let list = try machines(of: kind, configuration, providers, context)
        listing.add(list.machines, of: kind)
        if list.isCut { cut.append(kind) }
      } catch {
        if error.kind == .cancelled { throw error }
        failures.append((kind, error))
      }
      context.liveLine.clear()
    }
    print(
      json ? listing.json(failures, cut: cut, asked: kinds).rendered() + "\n" : listing.text,
      terminator: "")
    for kind in cut {
      let count = listing.count(of: kind)
      Report.line("note: \(kind.rawValue): the list stops after \(count) machines; there are more")
    }
    let statuses = failures.map { Report.of(AliasFailure(alias: $0.0.rawValue, failure: $0.1)) }
    if let status = statuses.first { throw ExitCode(status) }
  }

  private func machines(
    of kind: ProviderKind, _ configuration: Configuration, _ providers: ProviderFactory,
    _ context: Context
  ) throws(Failure) -> MachineList {
    context.trace("asking \(kind.title)")
    if let scope = try configuration.scope(of: kind), !scope.isUsual {
      context.liveLine.clear()
      Report.line("note: \(kind.rawValue): \(scope.text)")
    }
    let deadline = Moment.now + Int.milliseconds(seconds: configuration.connection.deadline)
    let list = try providers.machineList(of: kind)
    let found = try list?.machines(until: deadline) ?? MachineList()
    context.trace("\(kind.title) lists \(found.machines.count)")
    return found
  }

  /// The provider that was named, or all that there is a key for.
  private func kinds(_ configuration: Configuration) throws(Failure) -> [ProviderKind] {
    if let provider { return [provider.kind] }
    let able = Installed.listing
    let found = able.map(\.kind).filter { kind in
      // A key that cannot be read is a failure to be told, not a provider to be left out.
      if case .missing? = try? configuration.keySource(of: kind) { false } else { true }
    }
    guard !found.isEmpty else {
      throw Failure(
        .denied, "there is no API key for \(able.map(\.kind.title).joined(last: "or"))",
        hint: "run \(able.map { "`sshproxy login \($0.name)`" }.joined(last: "or"))")
    }
    return found
  }
}
