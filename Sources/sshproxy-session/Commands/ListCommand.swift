import ArgumentParser
import Configuration
import Providers
import SystemIO

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the machines that the keys on this computer can reach, as aliases.",
    discussion: """
      Asks \(Installed.listing.map(\.kind.title).joined(last: "and")), those of them that there is \
      a key for, all at once. On a terminal it is a table of what is known: GPU, price in US dollars \
      an hour, age, and the time left. Else a line a machine, between tabs: alias, provider, state, \
      name, creation, GPU, how many, price, nodes, end. One that fails is told on standard error and \
      by the exit status; the others are listed all the same. A name stands for its machine as an id \
      does, and the shell's completion offers what was listed last.

      Example: sshproxy list \(Installed.listing.first?.name ?? "PROVIDER")
      """)

  @ParentCommand var root: Root

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: .hidden)
  var vendors = false

  @Argument(
    help:
      "Only this provider: \(Installed.listing.map(\.name).joined(separator: ", ")), or a name from [providers].",
    completion: .list(Installed.listing.map(\.name)))
  var provider: String?

  func run() throws {
    // What scripts/manual writes of them.
    if vendors { return print(VendorText.json.rendered()) }
    let context = try Context(
      root.globalOptions, waitingFor: "listing machines", confinesTalks: true,
      tellsSoon: true)
    let configuration = try context.configuration()
    let kinds =
      try provider.map { [try vendor($0, configuration)] } ?? MachineSurvey.kinds(configuration)
    let survey = try MachineSurvey(kinds, configuration, context)
    let table = MachineTable(survey, configuration)
    print(json ? table.json(asked: kinds).rendered() + "\n" : table.text(), terminator: "")
    table.reportCut()
    if let status = survey.reportFailures() { throw ExitCode(status) }
  }

  private func vendor(_ name: String, _ configuration: Configuration) throws -> ProviderKind {
    let vendors = configuration.vendors(besides: Installed.vendors)
    guard let vendor = vendors.first(where: { $0.facts.name == name }) else {
      throw ValidationError(
        "\"\(name.sanitized(limit: 60))\" is no provider with machines: known are "
          + Installed.listing(configuration).map(\.name).joined(last: "and"))
    }
    if let reason = vendor.withoutList { throw ValidationError(reason) }
    return vendor.facts.kind
  }
}
