import ArgumentParser
import Configuration
import Providers
import SSHSetup
import SystemIO

struct LoginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "login",
    abstract: "Read an API key, ask the provider whether it is good, and store it.",
    discussion: """
      The key is read from the terminal without being shown, or from standard input, and goes to
      credentials.toml beside the configuration, which only you can read. A key that the provider
      refuses is not stored.

      Example: sshproxy login \(Installed.facts.first?.name ?? "PROVIDER")
      """)

  @ParentCommand var root: Root

  @Argument(
    help:
      "\(Installed.facts.map(\.name).joined(separator: ", ")), or a name from [providers].",
    completion: .list(Installed.facts.map(\.name)))
  var provider: String

  func run() throws {
    let configuration = try Context(root.globalOptions).configuration()
    guard let vendor = configuration.vendors.first(where: { $0.name == provider }) else {
      throw ValidationError(
        "\"\(provider.sanitized(limit: 60))\" is no provider with a key: known are "
          + configuration.vendors.map(\.name).joined(last: "and"))
    }
    let kind = vendor.kind
    // A monitor of its own: no live line runs over the prompt.
    let key = try KeyPrompt(kind.title, header: vendor.keyHeader)
      .read(caller: HangUpMonitor(output: STDOUT_FILENO))
    let context = try Context(
      root.globalOptions, waitingFor: "asking \(kind.title)", tellsSoon: true)
    // Before the talk, from which on this process can read little.
    let due = setupsThatAreDue(
      configuration.account(of: kind)?.kind ?? kind, configuration, context)
    let verdict = try check(key, kind, configuration, context)
    try configuration.store(key, of: kind, caller: context.caller)
    let owner = verdict.owner.map { " (\($0))" } ?? ""
    print(
      "stored the key for \(kind.title)\(owner) in \(context.files.credentialsFile.sanitized())")
    try Report.scope(of: kind, configuration)
    try warnAboutVariables(kind, configuration)
    for note in due { Report.line(note) }
  }

  /// Where `setup` has run, ssh may lack the suffix of a vendor that had no key then.
  private func setupsThatAreDue(
    _ kind: ProviderKind, _ configuration: Configuration, _ context: Context
  ) -> [String] {
    let places = [nil] + (context.foreignConfigFile.map { [$0] } ?? [])
    return places.compactMap { path in
      guard
        let setup = try? context.setup(configuration, configFile: path, withKeyFor: kind),
        let lacking = try? setup.lackingPatterns(), !lacking.isEmpty
      else { return nil }
      return "note: ssh does not call sshproxy for \(lacking.joined(last: "and")) yet: run "
        + SetupCommand.commandLine(path)
    }
  }

  private func check(
    _ key: APIKey, _ kind: ProviderKind, _ configuration: Configuration, _ context: Context
  ) throws(Failure) -> KeyVerdict {
    defer { context.liveLine.clear() }
    let deadline = Moment.now + Int.milliseconds(seconds: configuration.connection.deadline)
    let files = context.files
    _ = try? PrivateDirectory(making: files.configurationDirectory)
    let providers = context.providers(configuration)
    providers.confineTalks(
      writing: [files.configurationDirectory],
      reading: configuration.clientFiles)
    do throws(Failure) {
      return try providers.keyCheck(of: kind, with: key)
        .check(until: deadline)
    } catch {
      var failure = error
      failure.message += "; the key is not stored"
      throw failure
    }
  }

  /// A key in the environment takes precedence over the stored one.
  private func warnAboutVariables(_ kind: ProviderKind, _ configuration: Configuration) throws {
    guard case .value(let used) = try configuration.keySource(of: kind),
      used.origin != configuration.files.credentialsFile.sanitized()
    else { return }
    Report.line("note: \(used.origin) is set and comes first; unset it to use the stored key")
  }
}
