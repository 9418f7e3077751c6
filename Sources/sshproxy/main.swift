import SessionRecord
import SystemIO

// The program that ssh runs and waits for. `sshproxy-session` takes over for everything else.

ignoreWriteSignals()
StandardDescriptors.fillGaps()

let invocation = Invocation(CommandLine.arguments)
do throws(Failure) {
  switch invocation.command {
  case .version:
    Terminal.printVersion()
  case .prepare(let alias):
    try Prepare(alias: alias, invocation: invocation).run()
  case .connect(let alias, let passesDescriptor, let isBare, let identity):
    try Connect(
      alias: alias, passesDescriptor: passesDescriptor, isBare: isBare, identity: identity,
      invocation: invocation
    ).run()
  case .malformedAlias(_, isReported: true):
    throw Failure.reported(ExitStatus.usage.rawValue)
  case .malformedAlias(let spelling, _):
    throw Failure.notAnAlias(spelling)
  case .other:
    throw Helper.replaceThisProcess(invocation)
  }
} catch {
  Terminal.report(error, alias: invocation.command.alias)
  if case .connect(let alias, _, _, _) = invocation.command, Terminal.failuresAreUnheard {
    try? invocation.openState()?.keepUnheard(error, of: alias)
  }
  exit(error.status)
}
