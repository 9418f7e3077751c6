import ArgumentParser
import SystemIO

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Show what is wrong and what to do about it: the first thing to run.",
    discussion: """
      Without an alias: programs, configuration, files, ssh's own configuration, keys and
      providers. With one, besides: each step to its machine with its time, as far as a login by
      the real ssh, for which a session is made where there is none. `ok` is as it should be,
      `look` could be better, `wrong` keeps ssh from working; the exit status is 0 only where
      nothing is wrong.

      Example: sshproxy check \(Installed.exampleAlias)
      """)

  @ParentCommand var root: Root

  @Flag(help: "Print JSON.")
  var json = false

  @Option(
    help: ArgumentHelp("ssh's configuration (default: ssh's own).", valueName: "file"),
    completion: .file())
  var sshConfig: String?

  @Argument(help: "An alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String?

  func run() throws {
    let destination = try alias.map { try Destination($0) }
    let context = try Context(
      root.globalOptions, waitingFor: "checking", tellsSoon: true, timesLookups: true)
    let report = CheckReport(context, isJSON: json)
    let installation = InstallationCheck(context: context, report: report, sshConfig: sshConfig)
    let found = try installation.run()
    if let configuration = found.configuration {
      if let destination {
        try AliasCheck(
          context: context, report: report, configuration: configuration,
          destination: destination, sshConfig: sshConfig, shell: found.shell
        ).run()
      } else {
        UnheardFailure.report(nil, context, report)
        try AccountCheck(context: context, report: report, configuration: configuration).run(nil)
      }
    }
    print(report.ending, terminator: "")
    if report.status != .done { throw ExitCode(report.status.rawValue) }
  }
}
