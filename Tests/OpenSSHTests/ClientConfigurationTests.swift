import OpenSSH
import SystemIO
import Testing

@Suite struct ClientConfigurationTests {
  private typealias Block = ClientConfiguration.Block

  private func blocks(under directory: String) -> [ClientConfiguration.Block] {
    [
      Block(
        alias: "sb1.prime",
        settings: [
          Setting(.user, "ses-1"), Setting(.hostKeyAlias, "sb1.prime"),
          Setting(.identityFile, "\(directory)/id"),
          Setting(.certificateFile, "\(directory)/id-cert.pub"),
          Setting(.userKnownHostsFile, "\(directory)/known_hosts"),
          Setting(.identitiesOnly, "yes"), Setting(.addKeysToAgent, "no"),
          Setting(.preferredAuthentications, "publickey"),
          Setting(.globalKnownHostsFile, "/dev/null"),
          Setting(.strictHostKeyChecking, "accept-new"), Setting(.verifyHostKeyDNS, "no"),
          Setting(.updateHostKeys, "no"),
        ]),
      Block(
        alias: "node1.tensorpool",
        settings: [
          Setting(.hostName, "10.0.0.7"), Setting(.port, "2222"), Setting(.user, "root"),
          Setting(.hostKeyAlias, "[10.0.0.7]:2222"),
          Setting(.proxyJump, "a@jump.example:2200,[::1]:22"), Setting(.connectTimeout, "10"),
          Setting(.serverAliveInterval, "15"), Setting(.serverAliveCountMax, "3"),
        ]),
      Block(alias: "empty", settings: []),
    ]
  }

  @Test(arguments: [
    "plain", "with space", "per%cent %h %%", "it's", "a=b", "hash # mark", "dollar$HOME", "über",
    "a,b", "~x", "semi;colon", "*?", "tick`s",
  ])
  func sshReadsThePathsAsTheyAre(name: String) throws {
    let bench = try Workbench()
    let directory = "\(bench.path)/\(name)"
    let blocks = blocks(under: directory)
    let text = try ClientConfiguration.render(blocks)
    #expect(try ClientConfiguration.check(text) == blocks)
    try bench.write("config", text)

    let output = try bench.run("ssh", "-G", "-F", "config", "SB1.Prime").text
    let lines = Set(output.split(separator: "\n").map(String.init))
    let doubled = directory.replacing("%", with: "%%")
    #expect(lines.contains("user ses-1"))
    #expect(lines.contains("hostkeyalias sb1.prime"))
    // ssh -G shows identities before and known hosts after the expansion of tokens, by version.
    for (keyword, file) in [
      ("identityfile", "id"), ("certificatefile", "id-cert.pub"),
      ("userknownhostsfile", "known_hosts"),
    ] {
      let either = ["\(keyword) \(directory)/\(file)", "\(keyword) \(doubled)/\(file)"]
      #expect(!lines.isDisjoint(with: either), "\(output)")
    }
    #expect(lines.contains("stricthostkeychecking accept-new"))
    #expect(lines.contains("identitiesonly yes"))

    let arguments = try blocks[0].settings.flatMap { try $0.arguments() }
    let direct = try bench.run(["ssh", "-G", "-F", "none"] + arguments + ["sb1.prime"]).text
    #expect(direct == (try bench.run("ssh", "-G", "-F", "config", "sb1.prime").text))
  }

  /// The keys are found where the path says, tokens and quotes and all.
  @Test(arguments: ["with space", "per%cent %h", "it's", "a=b", "# mark", "$HOME"])
  func sshOpensTheFiles(name: String) throws {
    let bench = try Workbench()
    try bench.run("mkdir", name)
    _ = try bench.key("\(name)/id", "ed25519")
    let text = try ClientConfiguration.render(blocks(under: "\(bench.path)/\(name)"))
    try bench.write("config", text)
    let output = try bench.run(
      "ssh", "-v", "-F", "config", "-o", "ProxyCommand=false", "sb1.prime", "true"
    ).text
    #expect(output.contains("identity file \(bench.path)/\(name)/id type 3"), "\(output)")
  }

  @Test func jumpAndTimes() throws {
    let bench = try Workbench()
    try bench.write("config", try ClientConfiguration.render(blocks(under: "/x")))
    let output = try bench.run("ssh", "-G", "-F", "config", "node1.tensorpool").text
    for line in [
      "hostname 10.0.0.7", "port 2222", "user root", "hostkeyalias [10.0.0.7]:2222",
      "proxyjump a@jump.example:2200,[::1]:22", "connecttimeout 10", "serveraliveinterval 15",
      "serveralivecountmax 3",
    ] {
      #expect(output.contains("\(line)\n"), "\(line)\n\(output)")
    }
    let other = try bench.run("ssh", "-G", "-F", "config", "other.example").text
    #expect(other == (try bench.run("ssh", "-G", "-F", "none", "other.example").text))
  }

  @Test(arguments: [
    Setting(.user, "-oProxyCommand=x"), Setting(.user, "a\nProxyCommand x"), Setting(.user, ""),
    Setting(.user, "a b"), Setting(.user, "%u"), Setting(.hostName, "-a"),
    Setting(.hostName, "a;b"), Setting(.port, "0"), Setting(.port, "22 "), Setting(.port, "x"),
    Setting(.hostKeyAlias, "a b"), Setting(.hostKeyAlias, "[a]"), Setting(.hostKeyAlias, "[a]:x"),
    Setting(.identityFile, "relative"), Setting(.identityFile, "~/x"), Setting(.identityFile, ""),
    Setting(.identityFile, "/a\"b"), Setting(.identityFile, "/a\nb"),
    Setting(.identityFile, "/a\\b"), Setting(.identityFile, "/${HOME}"),
    Setting(.identityFile, "/a\u{0}"), Setting(.identityFile, "/a\u{85}"),
    Setting(.userKnownHostsFile, "/\(String(repeating: "x", count: 5000))"),
    Setting(.strictHostKeyChecking, "no"), Setting(.strictHostKeyChecking, "off"),
    Setting(.identitiesOnly, "YES"), Setting(.preferredAuthentications, "a b"),
    Setting(.preferredAuthentications, ""), Setting(.proxyJump, "a;b"), Setting(.proxyJump, ""),
    Setting(.proxyJump, "ssh://a@b:2/"), Setting(.proxyJump, "ssh://a@b"),
    Setting(.proxyJump, "-a"), Setting(.proxyJump, "a,"), Setting(.connectTimeout, "-1"),
    Setting(.connectTimeout, "99999999999"), Setting(.serverAliveInterval, "1h"),
  ])
  func refusesValues(setting: Setting) {
    #expect(throws: Failure.self) { try setting.arguments() }
    #expect(throws: Failure.self) {
      try ClientConfiguration.render([Block(alias: "a", settings: [setting])])
    }
  }

  @Test func refusesAliases() {
    for alias in ["", "*", "a b", "a,b", "!a", "a\nb", "-a", "a..b", "a.", "%h", "\"a\"", "ä"] {
      #expect(throws: Failure.self, "\(alias)") {
        try ClientConfiguration.render([Block(alias: alias, settings: [])])
      }
    }
  }

  @Test func refusesTextsOfOthers() throws {
    let text = try ClientConfiguration.render(blocks(under: "/x"))
    for change in [
      text + "Host *\n", text + "  ProxyCommand x\n", text + "\n", String(text.dropLast()),
      String(text.dropFirst()), text.replacing("accept-new", with: "no"),
      text.replacing("Match originalhost", with: "Match host"),
      text.replacing("User ", with: "user "),
      text.replacing("/x/id\n", with: "/x/id\r\n"), text.replacing("/x/id\n", with: "\"/x/id\"\n"),
      text.replacing("/x/id\n", with: "/%d/id\n"), text.replacing("  Port", with: "\tPort"),
      text + "# more\n", "",
      text.replacing("\n\n", with: "\n"), text.replacing("\n\n", with: "\n\n\n"),
      text.replacing("\n\nHost sb1.prime\nMatch originalhost sb1.prime\n", with: "\n"),
      text.replacing("Host empty\n", with: ""), text.replacing("Host empty\n", with: "Host x\n"),
      text.replacing("Host empty\n", with: "Host *\n"),
      text.replacing("Host empty\nMatch originalhost empty\n", with: "Host empty\n"),
      text.replacing("Match originalhost empty\n", with: "Match originalhost empty,a\n"),
      text.replacing(
        "Host empty\nMatch originalhost empty\n",
        with: "Host empty a\nMatch originalhost empty,a\n"),
      text.replacing("KeyAlias", with: "\u{212A}eyAlias"), text.replacing("User ", with: "User  "),
    ] {
      #expect(!change.utf8.elementsEqual(text.utf8))
      #expect(throws: Failure.self, "\(change)") { try ClientConfiguration.check(change) }
    }
    #expect(try ClientConfiguration.check(ClientConfiguration.render([])).isEmpty)
  }

  /// What many sessions have in common is written once, and ssh makes the same of it.
  @Test(arguments: [16, 17, 120, 1000])
  func manySessionsShareTheirLines(_ count: Int) throws {
    let bench = try Workbench()
    let one = blocks(under: "/x")[0]
    let many = (0..<count).map { index in
      Block(alias: "machine\(index).prime", settings: one.settings)
    }
    let all = many + blocks(under: "/y").dropFirst()
    let text = try ClientConfiguration.render(all)
    #expect(try ClientConfiguration.check(text) == all)
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= ConfigLine.longest })
    let repeated = text.split(separator: "\n").count { $0 == "  GlobalKnownHostsFile /dev/null" }
    #expect(count > 16 ? repeated <= 1 + count / 50 : repeated == count)
    try bench.write("many", text)
    try bench.write(
      "one", try ClientConfiguration.render([Block(alias: many[9].alias, settings: one.settings)]))
    for name in [many[9].alias, "MACHINE9.Prime", "other.example"] {
      let output = try bench.run("ssh", "-G", "-F", "many", name).text
      #expect(output == (try bench.run("ssh", "-G", "-F", "one", name).text))
    }
    let node = try bench.run("ssh", "-G", "-F", "many", "node1.tensorpool").text
    #expect(node.contains("hostname 10.0.0.7\n"))
    #expect(!node.contains("globalknownhostsfile /dev/null\n"))
  }

  /// The text for other programs has no `Match`, and no keyword that only OpenSSH knows.
  @Test func otherProgramsGetHostLines() throws {
    let blocks = blocks(under: "/x")
    let text = try ClientConfiguration.render(blocks, for: .anyProgram)
    #expect(!text.contains("Match"))
    let names = text.split(separator: "\n").filter { $0.hasPrefix("Host ") }
    #expect(names == ["Host sb1.prime", "Host node1.tensorpool", "Host empty"])
    for keyword in ["ProxyJump", "HostName", "VerifyHostKeyDNS", "UpdateHostKeys"] {
      #expect(!text.contains(keyword))
    }
    #expect(text.contains("  User ses-1\n") && text.contains("  IdentityFile /x/id\n"))
    let read = try ClientConfiguration.check(text, for: .anyProgram)
    #expect(read.map(\.alias) == blocks.map(\.alias))
    #expect(throws: Failure.self) { try ClientConfiguration.check(text) }
  }

  /// Names without settings stand side by side, behind the others, in lines that every reader takes.
  @Test(arguments: [0, 2, 300]) func namesAloneShareLines(_ count: Int) throws {
    let bare = (0..<count).map { Block(alias: "machine\($0).prime", settings: []) }
    let with = Array(blocks(under: "/x").prefix(2))
    let text = try ClientConfiguration.render(bare + with, for: .anyProgram)
    let lines = text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.utf8.count <= ConfigLine.longest })
    let names = lines.filter { $0.hasPrefix("Host ") }
    #expect(names.prefix(2) == ["Host sb1.prime", "Host node1.tensorpool"])
    #expect(names.count == 2 + (count + 49) / 50, "\(names.count)")
    #expect(
      try ClientConfiguration.check(text, for: .anyProgram).map(\.alias)
        == (with + bare).map(\.alias))
  }
}
