import SessionRecord
import SystemIO

/// Everything that this program prints. Standard output carries nothing but ssh's bytes, so all but
/// the version goes to standard error: `sshproxy: error: …`, `sshproxy: hint: …`, one line
/// each, in lower case, without a full stop. On a terminal a line is broken at words.
enum Terminal {
  static func printVersion() {
    print(version)
  }

  static func report(_ failure: Failure, alias: String?) {
    for line in (alias.map(failure.about) ?? failure).lines() { say(line, to: failures) }
  }

  static func trace(_ invocation: Invocation) -> Trace {
    Trace(isOn: invocation.isVerbose) { say($0) }
  }

  /// With the single line `ProxyCommand sshproxy %h`, ssh logs in with the user's own name and key,
  /// which these providers do not know.
  static func noteMissingCredentials(alias: String) {
    say(
      "note: \(alias): ssh needs the session's login and key to log in: "
        + "run `sshproxy setup` once, or use `sshproxy ssh \(alias)`")
  }

  static func say(_ line: String, to descriptor: Int32 = STDERR_FILENO) {
    SystemTransfer.write(descriptor, WrappedText.message(line, on: descriptor) + "\n")
  }

  static func write(_ text: String) { SystemTransfer.write(STDERR_FILENO, text) }

  /// Where a failure is told: standard error, or the terminal where ssh has thrown that away, as it does
  /// with ControlPersist.
  static let failures: Int32 = {
    guard StandardDescriptors.errorIsDiscarded, let terminal = StandardDescriptors.terminal() else {
      return STDERR_FILENO
    }
    return terminal.release()
  }()

  /// Whether nobody sees what is told there.
  static var failuresAreUnheard: Bool {
    failures == STDERR_FILENO && StandardDescriptors.errorIsDiscarded
  }
}
