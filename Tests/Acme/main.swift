import Providers
import SessionCommands
import SystemIO

// `sshproxy-session` with one vendor more.

exit(SessionProgram.run(CommandLine.arguments.dropFirst(), vendors: Vendors.all + [.acme]))
