import TestSupport
import Testing

/// paramiko and asyncssh, which read neither `Include` nor `Match exec` as ssh does: a ProxyCommand
/// and what `sshproxy resolve` says is enough. No setup.
@Suite(.serialized, .timed) struct PythonTests {
  static let shared = SharedSimulator()
  let testHome: TestHome

  init() throws {
    try Clients.require("python3")
    testHome = try TestHome.ofUser(try Self.shared.fresh())
    let end = try testHome.run("python3 -c 'import paramiko, asyncssh'")
    guard end.status == 0 else {
      throw Unexpected("python3-paramiko or python3-asyncssh is missing; run scripts/bootstrap")
    }
  }

  /// TensorPool's hosts are the user's to know: by the session's host and port, and by the alias,
  /// which is all that a client with nothing but the ProxyCommand line has.
  private func makeKnown() throws {
    let line = try Examples.text("tensorpool.conf")
    try testHome.home.write(line, to: "tensorpool.conf")
    let options = "-o StrictHostKeyChecking=accept-new -o BatchMode=yes"
    let end = try testHome.run(
      """
      read -r host port < <(sshproxy resolve --create --json node1.tensorpool |
        python3 -c 'import json, sys; s = json.load(sys.stdin)["session"]; print(s["host"], s["port"])')
      ssh -F tensorpool.conf \(options) -o HostKeyAlias="[$host]:$port" ubuntu@node1.tensorpool true
      ssh -F tensorpool.conf \(options) ubuntu@node1.tensorpool true
      """)
    guard end.status == 0 else { throw Unexpected("first sight: \(end)") }
  }

  @Test(arguments: ["sb1.prime", "vm1.prime", "node1.tensorpool"])
  func paramiko(_ machine: String) throws {
    if machine.hasSuffix(".tensorpool") { try makeKnown() }
    for _ in 1...2 {
      let end = try testHome.run(
        "python3 \(Examples.path("python/paramiko_run.py")) \(machine) 'seq 1 20000; exit 9'")
      #expect(end.status == 9, "\(end)")
      #expect(end.output.hasSuffix("\n20000\n"), "\(end)")
      #expect(end.errors == "")
    }
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
  }

  @Test func paramikoRefusesAHostThatItCannotCheck() throws {
    let end = try testHome.run(
      "python3 \(Examples.path("python/paramiko_run.py")) dm-abc.dedalus true")
    #expect(end.status == 1, "\(end)")
    #expect(end.errors.hasPrefix("dm-abc.dedalus: paramiko cannot check"), "\(end)")
  }

  /// paramiko knows ssh's configuration well enough for the one line.
  @Test func paramikoReadsTheProxyCommandLine() throws {
    try makeKnown()
    let end = try testHome.run(
      """
      python3 - <<'END'
      import paramiko
      said = paramiko.SSHConfig.from_path("tensorpool.conf").lookup("node1.tensorpool")
      client = paramiko.SSHClient()
      client.load_system_host_keys()
      proxy = paramiko.ProxyCommand(said["proxycommand"])
      client.connect(said["hostname"], username="ubuntu", sock=proxy)
      print(client.exec_command("echo $USER")[1].read().decode(), end="")
      client.close()
      END
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "ubuntu\n")
  }

  @Test func asyncsshRunsOnAllAtOnce() throws {
    try makeKnown()
    let program = Examples.path("python/asyncssh_run.py")
    for _ in 1...2 {
      let end = try testHome.run(
        "python3 \(program) 'echo $0 done; exit 8' \(machines.joined(separator: " "))")
      #expect(end.status == 8, "\(end)")
      #expect(end.output == machines.map { "\($0): bash done\n" }.joined(), "\(end)")
      // asyncio says a line of its own about a child that has ended before it is told to, and another
      // about one that ends after the loop; which, depends on Python's version and on who is first.
      let ofAsyncio = ["child process pid ", "that handles pid "]
      #expect(
        end.errors.lowercased().split(separator: "\n").allSatisfy { line in
          ofAsyncio.contains { line.contains($0) }
        }, "\(end)")
    }
  }

  /// The first key seen counts: another one is refused.
  @Test func asyncsshPinsTheFirstKeySeen() throws {
    let program = Examples.path("python/asyncssh_run.py")
    #expect(try testHome.run("python3 \(program) true sb1.prime").status == 0)
    let end = try testHome.run(
      """
      known=$(echo .local/state/sshproxy/sessions/sb1.prime/current/known_hosts)
      read -r name _ < "$known"
      ssh-keygen -q -t ed25519 -N '' -f another
      echo "$name $(cut -d' ' -f1,2 another.pub)" > "$known"
      python3 \(program) true sb1.prime
      """)
    #expect(end.status == 1, "\(end)")
    #expect(end.errors.contains("Host key is not trusted"), "\(end)")
  }

  @Test func asyncsshReadsTheProxyCommandLine() throws {
    try makeKnown()
    let end = try testHome.run(
      """
      python3 - <<'END'
      import asyncio, asyncssh
      async def main():
          async with asyncssh.connect(
              "node1.tensorpool", username="ubuntu", config=["tensorpool.conf"],
              client_keys=[".ssh/id_ed25519"]) as connection:
              print((await connection.run("echo $USER")).stdout, end="")
      asyncio.run(main())
      END
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "ubuntu\n")
  }
}
