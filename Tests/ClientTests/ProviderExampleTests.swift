import Foundation
import TestSupport
import Testing

/// `examples/provider`: a provider of one's own, with a real sshd behind it.
@Suite(.serialized, .timed) struct ProviderExampleTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome
  /// The file of keys that the machine's sshd reads.
  let keys: String
  let keysBefore: String

  init() throws {
    try Clients.require("ssh", "python3")
    simulator = try Self.shared.fresh()
    testHome = try TestHome.ofUser(simulator)
    keys = "\(simulator.directory)/user_keys"
    keysBefore = try Self.userLine(keys)
    try testHome.run("install -m 755 \(Examples.path("provider/my-cloud")) bin/").check()
    try testHome.home.write(
      try Examples.text("provider/my-cloud.json")
        .putting("\(simulator.ports["plain"] ?? 0)", inPlaceOf: "2222")
        .putting(keys, inPlaceOf: "/srv/machines/i-42/authorized_keys"),
      to: ".config/my-cloud.json")
    try testHome.configure(try Examples.text("provider/config.toml"))
    try testHome.run("sshproxy setup").check()
  }

  /// Leaves the user's key alone in the file.
  private static func userLine(_ file: String) throws -> String {
    let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
    let line = text.split(separator: "\n").first.map { "\($0)\n" } ?? ""
    try Data(line.utf8).write(to: URL(filePath: file))
    return line
  }

  private func keysNow() throws -> String {
    try String(contentsOf: URL(filePath: keys), encoding: .utf8)
  }

  @Test func opensLogsInAndCloses() throws {
    // With nothing but the session's key.
    try testHome.run("rm .ssh/id_ed25519").check()
    for _ in 1...2 {
      let end = try testHome.run("ssh mine 'echo $USER'")
      #expect(end.status == 0, "\(end)")
      #expect(end.output == "user\n")
      #expect(end.errors == "")
    }
    let line = try keysNow().dropFirst(keysBefore.count)
    #expect(line.split(separator: "\n").count == 1, "\(line)")
    #expect(line.hasPrefix("restrict,pty,port-forwarding,expiry-time=\""), "\(line)")

    // The key as it was, after the session has been closed: no way in.
    try testHome.run(
      "cp .local/state/sshproxy/sessions/mine/current/key old && sshproxy close mine"
    )
    .check()
    #expect(try keysNow() == keysBefore)
    let port = simulator.ports["plain"] ?? 0
    let refused = try testHome.run(
      "ssh -i old -o IdentitiesOnly=yes -p \(port) user@127.0.0.1 true")
    #expect(refused.status == 255)
    #expect(refused.errors.contains("Permission denied"), "\(refused)")
  }

  @Test func worksForTheOtherClients() throws {
    let folder = try testHome.machineFolder()
    let end = try testHome.run(
      """
      echo some > file
      scp -q file mine:\(folder)/one
      rsync -a file mine:\(folder)/two
      cat \(folder)/one \(folder)/two
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "some\nsome\n")
  }

  /// Ten names for one machine: each writes its key into the same file at the same time.
  @Test func tenAtOnceFindTheirWay() throws {
    let names = (1...10).map { "m\($0)" }
    let table = try Examples.text("provider/config.toml")
    try testHome.configure(
      try names.map { try table.putting("[hosts.\($0)]", inPlaceOf: "[hosts.mine]") }.joined())
    try testHome.run("sshproxy setup").check()
    let started = try names.map { try testHome.startSSHAtHome([$0, "echo \($0) $USER"]) }
    for (name, program) in zip(names, started) {
      let end = program.end(within: 60)
      #expect(end.status == 0, "\(end)")
      #expect(end.output == "\(name) user\n")
      #expect(end.errors == "")
    }
    #expect(try keysNow().split(separator: "\n").count == 11)
    #expect(try testHome.run("sshproxy close --all").status == 0)
    #expect(try keysNow() == keysBefore)
  }

  @Test func busyMeansAskAgain() throws {
    try testHome.home.write(
      "#!/bin/sh\necho again >> '\(testHome.home.path)/tries'\nexec '\(testHome.home.path)/my-cloud'\n",
      to: "counted", mode: 0o755)
    try testHome.run("mv bin/my-cloud . && mv counted bin/my-cloud").check()
    let holder = try testHome.begin(
      "exec flock \(keys).lock -c ': > held; until [ -e enough ]; do sleep 0.02; done'")
    #expect(eventually { testHome.home.exists("held") })
    let ssh = try testHome.startSSHAtHome(["mine", "echo $USER"])
    // It has been refused at least once when it has begun its second try.
    #expect(eventually { tries >= 2 }, "\(ssh.errors)")
    try testHome.home.write("", to: "enough")
    let end = ssh.end()
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "user\n")
    #expect(holder.end().status == 0)
  }

  /// How often the program has been run so far.
  private var tries: Int {
    (testHome.home.read("tries") ?? "").split(separator: "\n").count
  }

  @Test(arguments: [
    ("i-43", "authorized_keys", 68, "there is no machine i-43", "known: i-42"),
    ("i-42", "/sys/keys", 77, "/sys/keys.lock cannot be written", "ask its owner for access"),
    ("i-42", "/nowhere/keys", 69, "/nowhere/keys.lock: No such file or directory", ""),
  ])
  func saysNo(
    _ id: String, _ file: String, _ status: Int32, _ message: String, _ hint: String
  ) throws {
    let list = try #require(testHome.home.read(".config/my-cloud.json"))
    try testHome.home.write(try list.putting(file, inPlaceOf: keys), to: ".config/my-cloud.json")
    try testHome.configure(
      try Examples.text("provider/config.toml").putting("\"\(id)\"", inPlaceOf: "\"i-42\""))
    let end = try testHome.run("sshproxy prepare mine")
    #expect(end.status == status, "\(end)")
    let error = try #require(end.errorLines("sshproxy: error: ").first)
    #expect(error.contains("mine") && error.hasSuffix("my-cloud says: \(message)"), "\(end)")
    if !hint.isEmpty { #expect(end.errorLines("sshproxy: hint: ") == ["sshproxy: hint: \(hint)"]) }
    #expect(try keysNow() == keysBefore)
  }

  /// By hand, as its README shows it: always one answer, and an error for what is no request.
  @Test(arguments: [
    #"{"version":3,"action":"open","id":"i-42","public_key":"ssh-ed25519 AAAA"}"#,
    #"{"version":2,"action":"open","id":"i-42","public_key":"ssh-ed25519 AAAA\nssh-rsa BBBB"}"#,
    #"{"version":2,"action":"open","id":"i-42","public_key":"command=\"x\" ssh-ed25519 AAAA"}"#,
    #"{"version":2,"action":"open","id":"i-42"}"#, #"{"version":2,"action":"reboot","id":"i-42"}"#,
    "[]", "no JSON", "",
  ])
  func refusesWhatIsNoRequest(_ request: String) throws {
    try testHome.home.write(request, to: "request")
    let end = try testHome.run("my-cloud < request")
    #expect(end.status == 0, "\(end)")
    #expect(
      end.output.hasPrefix(#"{"version": 2, "error": {"kind": "invalid_response", "message": ""#),
      "\(end)")
    #expect(end.errors == "")
    #expect(try keysNow() == keysBefore)
  }

  @Test func closingTwiceIsNoError() throws {
    let request = #"{"version":2,"action":"close","id":"i-42","session_id":"s-1","deadline_ms":1}"#
    let end = try testHome.run("my-cloud <<< '\(request)'")
    #expect(end.output == "{\"version\": 2}\n")
    #expect(try keysNow() == keysBefore)
  }
}
