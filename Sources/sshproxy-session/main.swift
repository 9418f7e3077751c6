import ArgumentParser
import SessionRecord
import SystemIO

// The program behind `sshproxy`: configuration, keys, providers, and every command that ssh does not
// wait for.

// ssh resets SIGPIPE to its default before it starts us: a peer that vanishes would kill us silently.
signal(SIGPIPE, SIG_IGN)
// At the limit on file sizes (ulimit -f) we want to report an error, not to be killed mid-write.
signal(SIGXFSZ, SIG_IGN)
StandardDescriptors.fillGaps()
CoreFile.forbid()
// libcurl and OpenSSL would write the keys of our connections into the file that it names, and so the API
// key for whoever records the wire. What we start does without it too: ssh has no use for it.
unsetenv("SSLKEYLOGFILE")

do {
  try InstalledPrograms.checkVersion()
  var command = try Root.parseAsRoot(try ImpliedConnect.inserted(CommandLine.arguments.dropFirst()))
  try command.run()
  try Report.finishOutput()
} catch {
  exit(Report.of(error))
}
