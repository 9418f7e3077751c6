import TestSupport
import Testing

/// VS Code Remote's way: `ssh -T -D PORT ALIAS bash`, one for each window, with a script on its
/// standard input that stays open.
@Suite(.serialized, .timed) struct EditorTests {
  static let shared = SharedSimulator()

  /// A window of the editor.
  private struct Window {
    let machine: String
    let port: UInt16
    let keyboard: OpenPipe
    let ssh: RunningProgram
  }

  /// What the editor sends first: longer than ssh's first packets, and with a mark at its end.
  private static let script =
    (1...3000).map { "line_\($0)='of the script that looks for the server'\n" }.joined()
    + "echo \"ready: $USER ${line_3000:0:4}\"\n"

  @Test func severalWindowsAtOnce() throws {
    try Clients.require("ssh", "curl")
    let simulator = try Self.shared.fresh()
    let testHome = try TestHome.ofUserAfterSetup(simulator)
    let windows = try (machines + machines).map { machine in
      let port = try freePort()
      let keyboard = try OpenPipe()
      return Window(
        machine: machine, port: port, keyboard: keyboard,
        ssh: try testHome.startSSHAtHome(
          ["-T", "-D", "\(port)", "-o", "ExitOnForwardFailure=yes", machine, "bash"],
          input: keyboard.source))
    }
    for window in windows { try window.keyboard.say(Self.script) }
    for window in windows {
      #expect(
        eventually { window.ssh.output.hasSuffix(" of t\n") },
        "\(window.machine): \(window.ssh.output) \(window.ssh.errors)")
    }
    for window in windows {
      let proxy = "--socks5-hostname 127.0.0.1:\(window.port)"
      let end = try testHome.run("curl --fail --silent \(proxy) \(simulator.url)/_simulator/state")
      #expect(end.status == 0, "\(window.machine): \(end)")
      #expect(end.output.contains(#""prime""#))
    }
    for window in windows {
      try window.keyboard.say("exit 6\n")
      let end = window.ssh.end()
      #expect(end.status == 6, "\(window.machine): \(end)")
      #expect(end.errors == "")
    }
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
  }
}
