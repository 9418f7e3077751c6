import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@main
enum Program {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      if options.help {
        print(Options.usage)
        return
      }
      // Before any other thread exists, so that all leave these signals to this one.
      Ending.blockSignals()
      let simulation = try Simulation(options)
      // Not on the main actor: its thread is the one that waits.
      Task.detached { await simulation.run() }
      simulation.ending.wait(lifeline: options.lifeline)
    } catch {
      complain(error)
      exit(70)
    }
  }

  static func complain(_ error: any Error) {
    FileHandle.standardError.write(Data("provider-simulator: \(error)\n".utf8))
  }
}
