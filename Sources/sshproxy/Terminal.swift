import SessionRecord
import SystemIO

/// Everything that this program prints. Standard output carries nothing but ssh's bytes, so all but
/// the version goes to standard error: `sshproxy: error: …`, `sshproxy: hint: …`, one line
/// each, in lower case, without a full stop.
enum Terminal {
  static func printVersion() {
    print(version)
  }

  static func report(_ failure: Failure, alias: String?) {
    // Nobody is left to read it, or it has been read.
    guard failure.kind != .cancelled, !failure.isReported else { return }
    let parts = [alias ?? "", failure.step, failure.message].filter { !$0.isEmpty }
    say("error: " + parts.joined(separator: ": "))
    say("hint: " + failure.advice)
  }

  /// With the single line `ProxyCommand sshproxy %h`, ssh logs in with the user's own name and key,
  /// which these providers do not know.
  static func noteMissingCredentials(alias: String) {
    say(
      "note: \(alias): ssh needs the session's login and key to log in: "
        + "run `sshproxy setup` once, or use `sshproxy ssh \(alias)`")
  }

  static func say(_ line: String) { write("sshproxy: " + line + "\n") }

  static func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { SystemTransfer.write(STDERR_FILENO, UnsafeRawBufferPointer($0)) }
  }
}

/// What `-v` shows: each step with the milliseconds since the start.
struct Trace {
  let isOn: Bool
  private let start = Moment.now

  init(isOn: Bool) {
    self.isOn = isOn
  }

  func callAsFunction(_ step: @autoclosure () -> String) {
    if isOn { Terminal.say("\(Moment.now - start) ms: \(step())") }
  }
}
