import Providers
import SessionCommands
import SystemIO

// The program behind `sshproxy`: configuration, keys, providers, and every command that ssh does not
// wait for.

exit(SessionProgram.run(CommandLine.arguments.dropFirst(), vendors: Vendors.all))
