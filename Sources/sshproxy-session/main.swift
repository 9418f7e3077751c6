import ArgumentParser
import SessionRecord
import SystemIO

// What stands behind `sshproxy`: configuration, keys, providers and every command that ssh does
// not wait for.

// ssh resets SIGPIPE to its default before it starts us: a vanished peer would kill us unheard.
signal(SIGPIPE, SIG_IGN)
// A limit on file sizes (ulimit -f) is an error to be said, not an end in the middle of a file.
signal(SIGXFSZ, SIG_IGN)
StandardDescriptors.fillGaps()
// A key in memory must not end up in a core file.
var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
setrlimit(coreResource, &noCore)

do {
  try Companionship.check()
  var command = try Root.parseAsRoot(Words.completed(CommandLine.arguments.dropFirst()))
  try command.run()
  try Report.finishOutput()
} catch {
  exit(Report.of(error))
}
