import SessionRecord
import SystemIO

/// Everything that this program says. Standard output carries ssh's bytes alone, so all but the
/// version goes to standard error: `sshproxy: error: …`, `sshproxy: hint: …`, a line each, in
/// lower case, without a full stop.
enum Terminal {
  static func printVersion() {
    print(version)
  }

  static func report(_ failure: Failure, alias: String?) {
    // Nobody is left to read it.
    guard failure.kind != .cancelled else { return }
    let parts = [alias ?? "", failure.step, failure.message].filter { !$0.isEmpty }
    say("error: " + parts.joined(separator: ": "))
    if let hint = failure.hint { say("hint: " + hint) }
  }

  /// ssh with the single line `ProxyCommand sshproxy %h` reaches the server with the user's own
  /// login and key, which these providers do not know.
  static func noteMissingCredentials(alias: String) {
    say(
      "note: \(alias): ssh needs the session's login and key to log in: "
        + "run `sshproxy setup` once, or use `sshproxy ssh \(alias)`")
  }

  static func say(_ line: String) {
    var text = "sshproxy: " + line + "\n"
    _ = text.withUTF8 { SystemTransfer.write(2, UnsafeRawBufferPointer($0)) }
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

/// The one line that a long wait shows on a terminal; gone without a trace when the wait ends.
final class LiveLine {
  /// Waits shorter than this show nothing, in milliseconds.
  private static let threshold = 500
  private let text: String
  private let start = Moment.now
  private let isOn = isatty(2) == 1
  private var shown = -1

  init(_ text: String) {
    self.text = text
  }

  func tick() {
    let elapsed = Moment.now - start
    guard isOn, elapsed >= Self.threshold, elapsed / 1000 != shown else { return }
    shown = elapsed / 1000
    write("\r\(text) … \(shown) s")
  }

  func clear() {
    if shown >= 0 { write("\r\u{1b}[K") }
    shown = -1
  }

  private func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { SystemTransfer.write(2, UnsafeRawBufferPointer($0)) }
  }
}
