import Foundation
import TestSupport
import Testing

/// What ssh has read of a session is for its endpoint alone: under that name the host's key is looked up, and
/// recorded where new ones are. So no connection leads to another endpoint then.
@Suite(.serialized) struct MovedEndpointTests {
  static let shared = SharedSimulator()
  let testHome: TestHome
  let (first, second): (LoopbackListener, LoopbackListener)
  private static let moved = "talks: the machine is at another place by now, 127.0.0.1 port "

  init() throws {
    testHome = try TestHome(try Self.shared.fresh())
    (first, second) = (try LoopbackListener(), try LoopbackListener())
    let end = "date -u -d '600 seconds' +%FT%TZ"
    try testHome.home.write(
      """
      printf '{"version":2,"session":{%s"endpoint":{"host":"127.0.0.1","port":%s},"expires_at":"%s"}}\\n' \\
        "$(cat '\(testHome.home.path(of: "login"))' 2>/dev/null)" \\
        "$(cat '\(testHome.home.path(of: "port"))')" "$(\(end))"

      """, to: "bin/talks")
    try configure()
    try answer(first)
  }

  /// - Parameter deadline: in seconds.
  private func configure(deadline: Int = 60) throws {
    try testHome.configure(
      """
      [connection]
      deadline = \(deadline)
      [hosts.talks]
      provider = "command"
      command = ["/bin/sh", "\(testHome.home.path(of: "bin/talks"))"]

      """)
  }

  /// Has sessions lead there from now on.
  private func answer(_ listener: LoopbackListener) throws {
    try testHome.home.write("\(listener.port)", to: "port")
  }

  private func expectMoved(_ end: ProgramEnd, status: Int32 = 75) {
    #expect(end.status == status, "\(end)")
    #expect(end.errors.contains(Self.moved + "\(second.port)"), "\(end)")
    #expect(!second.hasVisitor(within: 0))
  }

  /// A session is replaced while its endpoint is silent, by another ssh or behind ssh's back.
  @Test func aReplacedSessionThatLeadsElsewhereIsNotFollowed() throws {
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    // Otherwise it is so young that it counts as made for this very connection.
    try testHome.home.write("", to: "\(TestHome.state)/sessions/talks/current/answered")
    let connect = try testHome.start(BuiltProgram.sshproxy, ["connect", "talks"])
    let connection = try first.accept()
    try answer(second)
    for word in ["close", "prepare"] {
      let end = try testHome.sshproxy([word, "talks"])
      #expect(end.status == 0, "\(end)")
    }
    expectMoved(connect.end(within: 15))
    connection.close()
    // The hint.
    let again = try testHome.start(BuiltProgram.sshproxy, ["connect", "talks"])
    try second.accept().send("SSH-2.0-there\r\n")
    #expect(eventually { again.output == "SSH-2.0-there\r\n" }, "\(again.errors)")
  }

  /// A program that reads the generated files without asking us has read of the session that has ended.
  @Test func aNewSessionThatLeadsElsewhereIsForTheNextConnection() throws {
    let words = ["--home", testHome.home.path, "connect", "talks"]
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    try testHome.home.age("talks", by: 10_000)
    try answer(second)
    expectMoved(try testHome.sshproxy(words))
    let again = try testHome.start(BuiltProgram.sshproxy, words)
    try second.accept().send("SSH-2.0-there\r\n")
    #expect(eventually { again.output == "SSH-2.0-there\r\n" }, "\(again.errors)")
  }

  /// An ssh has just read its block, when another one's `connect` gives that session up, or what is done
  /// behind another one's back.
  @Test func aDroppedSessionLeadsNowhereElse() throws {
    try testHome.setUp()
    // What ssh runs between `prepare` and `connect`.
    try testHome.home.write(
      """
      echo \(second.port) > '\(testHome.home.path(of: "port"))'
      name=$(readlink '\(testHome.home.path(of: TestHome.state))/sessions/talks/current')
      '\(BuiltProgram.sshproxy)' prepare --drop "$name" talks </dev/null >/dev/null

      """, to: "drop")
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    expectMoved(try sshBefore("drop"), status: 255)
    // The hint.
    let again = try testHome.start(
      BuiltProgram.sshproxy, ["--home", testHome.home.path, "connect", "talks"])
    try second.accept().send("SSH-2.0-there\r\n")
    #expect(eventually { again.output == "SSH-2.0-there\r\n" }, "\(again.errors)")
  }

  /// An ssh has just read its block, when another one's `prepare` puts another session in its place.
  @Test func aReplacedSessionIsNotTheOneThatSSHHasRead() throws {
    try testHome.setUp()
    try testHome.home.write(
      """
      echo \(second.port) > '\(testHome.home.path(of: "port"))'
      '\(BuiltProgram.sshproxy)' close talks >/dev/null
      '\(BuiltProgram.sshproxy)' prepare talks

      """, to: "replace")
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    for fdpass in [true, false] {
      try testHome.setUp(fdpass: fdpass)
      expectMoved(try sshBefore("replace"), status: 255)
      #expect(try testHome.sshproxy(["close", "talks"]).status == 0)
      try answer(first)
      #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    }
  }

  /// A session has known hosts of its own, but an option of the user's names theirs.
  @Test func theUsersKnownHostsCountByAnOptionToo() throws {
    try testHome.home.write(
      #""login":"session","host_trust":{"kind":"trust_on_first_use"},"#, to: "login")
    try testHome.setUp()
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    let file = testHome.home.path(of: ".ssh/known_hosts")
    expectMoved(
      try sshBeforeItIsReplaced(["-o", "UserKnownHostsFile=\(file)"]), status: 255)
  }

  /// The state directory may be removed at any time; what `setup` has written into it, too. A power cut may
  /// leave empty files.
  @Test(arguments: [true, false]) func aStateThatIsMadeAnewSaysItToo(_ isRemoved: Bool) throws {
    // A link stays where it is at an upgrade. Whoever has ssh run may have another PATH.
    let link = testHome.home.path(of: "links/sshproxy")
    try testHome.home.write("", to: "links/other")
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: BuiltProgram.sshproxy)
    let path = testHome.environment["PATH"]
    testHome.environment["PATH"] = testHome.home.path(of: "links") + ":" + (path ?? "")
    try testHome.setUp()
    testHome.environment["PATH"] = path
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    if isRemoved {
      try FileManager.default.removeItem(atPath: testHome.home.path(of: TestHome.state))
    } else {
      try testHome.home.write("", to: "\(TestHome.state)/call")
      try testHome.home.write("", to: "\(TestHome.state)/ssh_config")
    }
    expectMoved(try sshBeforeItIsReplaced(), status: 255)
    let call = testHome.home.read("\(TestHome.state)/call") ?? ""
    #expect(call.hasPrefix("'\(link)' "), "\(call)")
  }

  /// Also by a program that has talked to a provider, and can read and run little from then on.
  @Test func aTalkKeepsWhatSSHCalls() throws {
    try testHome.setUp()
    let before = testHome.home.read("\(TestHome.state)/call")
    try FileManager.default.removeItem(atPath: testHome.home.path(of: TestHome.state))
    let end = try testHome.sshproxy(["--home", testHome.home.path, "prepare", "node1.tensorpool"])
    #expect(end.status == 0, "\(end)")
    #expect(before != nil && testHome.home.read("\(TestHome.state)/call") == before)
    #expect(
      testHome.home.read("\(TestHome.state)/ssh_config")?.contains(" --only-to '") == true)
  }

  /// ssh goes on where its `prepare` has failed, with what it has read of the plain file.
  @Test(.enabled(if: !BuiltProgram.isPortable))
  func whereNothingWasPreparedNothingElseIsFollowed() throws {
    try testHome.setUp()
    try configure(deadline: 1)
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    try testHome.home.age("talks", by: 10_000)
    let holder = try testHome.holdLock("sessions/talks/lock", for: 2)
    let end = try sshBeforeItIsReplaced()
    _ = holder.end()
    #expect(end.status == 255 && end.errors.contains("ssh has read nothing of it"), "\(end)")
    #expect(!second.hasVisitor(within: 0))
  }

  /// An ssh that runs a script between its reading and its connecting.
  private func sshBefore(_ script: String, _ options: [String] = []) throws -> ProgramEnd {
    var lines = (testHome.home.read("ssh_config") ?? "").split(separator: "\n").map(String.init)
    lines.insert(
      "Match originalhost talks exec \"/bin/sh '\(testHome.home.path(of: script))'\"", at: 1)
    try testHome.home.write(
      lines.joined(separator: "\n") + "\n", to: "slow_config", mode: 0o600)
    return try testHome.start(
      TestHome.ssh, ["-F", testHome.home.path(of: "slow_config")] + options + ["talks", "true"]
    ).end()
  }

  /// An ssh takes its time between its reading and its connecting, in which another one's `prepare` puts another
  /// session in the place of the one that it has read.
  private func sshBeforeItIsReplaced(_ options: [String] = []) throws -> ProgramEnd {
    try testHome.home.write(
      """
      echo \(second.port) > '\(testHome.home.path(of: "port"))'
      sleep 2
      '\(BuiltProgram.sshproxy)' close talks >/dev/null
      '\(BuiltProgram.sshproxy)' prepare talks

      """, to: "replace")
    return try sshBefore("replace", options)
  }

  /// What `setup` has written counts for the sessions that are there, until it is undone.
  @Test func setupHasTheBlocksThatAreThereSayIt() throws {
    func lines() -> [Substring] {
      (testHome.home.read("\(TestHome.state)/ssh_config") ?? "").split(separator: "\n")
        .filter { $0.contains("ProxyCommand ") }
    }
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    #expect(lines().isEmpty)
    try testHome.setUp()
    let line = try #require(lines().first)
    #expect(
      lines().count == 1
        && line.hasSuffix(" connect --fdpass --only-to '127.0.0.1:\(first.port)' 'talks'"),
      "\(lines())")
    let words = ["check", "--ssh-config", testHome.sshConfiguration]
    let said = "where each session alone may lead"
    #expect(try !testHome.sshproxy(words, within: 60).output.contains(said))
    try FileManager.default.removeItem(atPath: testHome.home.path(of: "\(TestHome.state)/call"))
    #expect(try testHome.sshproxy(words, within: 60).output.contains(said))
    try testHome.setUp()
    #expect(try !testHome.sshproxy(words, within: 60).output.contains(said))
  }

  /// A block that is kept longer than its session.
  @Test func aStaticBlockLeadsToItsEndpointAlone() throws {
    let block = try testHome.sshproxy(["resolve", "--create", "--ssh-config", "talks"])
    #expect(block.status == 0, "\(block)")
    try answer(second)
    for word in ["close", "prepare"] {
      #expect(try testHome.sshproxy([word, "talks"]).status == 0)
    }
    let own = testHome.home.read("ssh_config") ?? ""
    try testHome.home.write(block.output + own, to: "static_config", mode: 0o600)
    expectMoved(
      try testHome.start(
        TestHome.ssh, ["-F", testHome.home.path(of: "static_config"), "talks", "true"]
      ).end(), status: 255)
  }

  /// The two programs would leave it to each other without end.
  @Test(arguments: ["--only-to", "--only-behind"]) func aPlaceThatIsNoneIsNotLookedFor(
    _ option: String
  ) throws {
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    for text in ["x", "x:99999", "", "-:22"] {
      let end = try testHome.sshproxy(["connect", option, text, "talks"], within: 10)
      #expect(end.status == 64, "\(text): \(end)")
    }
  }

  /// `sshproxy ssh` runs ssh with the settings of one session.
  @Test func sshOfOurOwnIsForOneSession() throws {
    // An ssh that takes its time, in which another one replaces the session.
    try testHome.home.write(
      """
      #!/bin/sh
      '\(BuiltProgram.sshproxy)' close talks
      echo \(second.port) > '\(testHome.home.path(of: "port"))'
      '\(BuiltProgram.sshproxy)' prepare talks
      exec \(TestHome.ssh) "$@"

      """, to: "tools/ssh", mode: 0o755)
    testHome.environment["PATH"] = "\(testHome.home.path(of: "tools")):/usr/bin:/bin"
    expectMoved(
      try testHome.sshproxy(["ssh", "talks", "-F", testHome.sshConfiguration, "true"]), status: 255)
  }
}
