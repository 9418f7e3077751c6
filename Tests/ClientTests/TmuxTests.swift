import TestSupport
import Testing

/// A session of tmux on the machine, in a pane of tmux here: detached and attached again.
@Suite(.serialized, .timed) struct TmuxTests {
  static let shared = SharedSimulator()
  let testHome: TestHome
  let folder: String

  init() throws {
    try Clients.require("tmux", "ssh")
    testHome = try TestHome.ofUserAfterSetup(try Self.shared.fresh())
    folder = try testHome.machineFolder()
  }

  @Test(arguments: machines)
  func detachesAndAttaches(_ machine: String) throws {
    // These keys come faster than from fingers, and are no paste all the same.
    try testHome.home.write("set -g assume-paste-time 0\n", to: "machine/tmux.conf")
    let there = "tmux -S \(folder)/socket -f \(folder)/tmux.conf"
    defer { _ = try? testHome.run("\(there) kill-server; tmux -S here kill-server") }
    try tmux("new-session -d -x 120 -y 30 'exec bash --norc'")
    let attach = "ssh -t \(machine) \(there) new-session -A -s work"

    try type(attach)
    #expect(try shows("[work]"))
    try type("kept=$((6 * 7))")
    try type("echo \"set: $kept\"")
    #expect(try shows("set: 42"))
    try tmux("send-keys C-b d")
    #expect(try shows("[detached (from session work)]"))
    try type("clear; echo \"here: $((5 * 5)) $kept.\"")
    #expect(try shows("here: 25 ."))

    try type(attach)
    #expect(try shows("[work]"))
    try type("echo \"kept: $kept\"")
    #expect(try shows("kept: 42"))
    try type("exit")
    #expect(try shows("[exited]"))
  }

  private func tmux(_ words: String) throws {
    let end = try testHome.run("tmux -S here -f /dev/null \(words)")
    guard end.status == 0 else { throw Unexpected("tmux \(words): \(end)") }
  }

  private func type(_ line: String) throws {
    try tmux("send-keys -l '\(line)'")
    try tmux("send-keys Enter")
  }

  /// Whether the pane comes to show this.
  private func shows(_ text: String) throws -> Bool {
    var screen = ""
    let isShown = try eventually {
      screen = try testHome.run("tmux -S here capture-pane -p").output
      return screen.contains(text)
    }
    if !isShown { Issue.record("\"\(text)\" is not on the screen:\n\(screen)") }
    return isShown
  }
}
