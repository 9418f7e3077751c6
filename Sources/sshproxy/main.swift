import SessionRecord
import SystemIO

// What ssh waits for. Everything else is `sshproxy-session`, which takes over where this program
// has nothing to say.

// ssh resets SIGPIPE to its default before it starts us: a vanished peer would kill us unheard.
signal(SIGPIPE, SIG_IGN)
// A limit on file sizes (ulimit -f) is an error to be said, not an end in the middle of a file.
signal(SIGXFSZ, SIG_IGN)
StandardDescriptors.fillGaps()

let invocation = Invocation(CommandLine.arguments)
do throws(Failure) {
  switch invocation.command {
  case .version:
    Terminal.printVersion()
  case .prepare(let alias):
    try Prepare(alias: alias, invocation: invocation).run()
  case .connect(let alias, let passesDescriptor, let isBare):
    exit(
      try Connect(
        alias: alias, passesDescriptor: passesDescriptor, isBare: isBare, invocation: invocation
      ).run())
  case .malformedAlias(_, isSaid: true):
    exit(ExitStatus.usage.rawValue)
  case .malformedAlias(let spelling, _):
    throw Failure(
      .usage,
      "\"\(spelling.shown(limit: 80))\" cannot be an alias: \(AliasName.broken(by: spelling) ?? "")",
      hint: "an alias is NAME.prime, NAME.dedalus, NAME.tensorpool or a name from [hosts]")
  case .other:
    throw Companion.replaceThisProcess(invocation)
  }
} catch {
  Terminal.report(error, alias: invocation.command.alias)
  exit(error.exitStatus.rawValue)
}
