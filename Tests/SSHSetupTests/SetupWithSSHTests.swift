import Foundation
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import SSHSetup

/// What the real ssh makes of the files that `setup` writes.
@Suite struct SetupWithSSHTests {
  static let homes = [
    "home", "with spaces", "100% sure", "a=b", "#hash", "tür", "semi;colon&$x`y`",
  ]

  @Test(arguments: homes)
  func asksTheProgramAndReadsItsFile(_ name: String) throws {
    let fixture = try SetupFixture(name)
    let home = fixture.home.path
    // Include is a pattern, in which newer ssh expands `%`.
    if name.contains("%") {
      let failure = failure { try fixture.setup().apply() }
      #expect(failure?.kind == .configuration)
      #expect(fixture.home.read(".ssh/config") == nil)
      return
    }
    #expect(
      try fixture.setup().apply().changed == [
        home + "/.ssh/sshproxy-match.conf", home + "/.ssh/sshproxy.conf", home + "/.ssh/config",
      ])
    let seen = try fixture.ssh("SB1.Prime")
    #expect(seen["user"] == "from-prepare")
    #expect(seen["proxyusefdpass"] == "yes")
    #expect(
      seen["proxycommand"]
        == "'\(fixture.program)' --home '\(home)' connect --fdpass '%n'")
    #expect(fixture.calls == ["--home|\(home)|prepare|SB1.Prime|"])
    let other = try fixture.ssh("example.com")
    #expect(other["proxycommand"] == nil)
    #expect(other["user"] != "from-prepare")
    #expect(fixture.calls.count == 1)
  }

  @Test func doublesThePercentSignOfAProgram() throws {
    let fixture = try SetupFixture()
    let program = fixture.home.path(of: "100%n/sshproxy")
    try fixture.home.write(
      fixture.home.bytes(of: "bin/sshproxy") ?? [], to: "100%n/sshproxy", mode: 0o700)
    let setup = SSHSetup(
      program: program, files: try fixture.home.locations(),
      patterns: AliasPatterns(suffixes: ["prime"], names: []))
    _ = try setup.apply()
    _ = try fixture.ssh("a.prime")
    #expect(fixture.calls == ["--home|\(fixture.home.path)|prepare|a.prime|"])
    let (_, _, errors) = try run(
      SetupFixture.ssh,
      ["-F", fixture.home.path(of: ".ssh/config"), "-o", "ProxyUseFdpass=no", "a.prime"])
    #expect(
      fixture.calls.last == "--home|\(fixture.home.path)|connect|--fdpass|a.prime|", "\(errors)")
  }

  @Test func leadsToTheSameFilesFromAnyEnvironment() throws {
    let fixture = try SetupFixture("my home")
    let home = fixture.home.path
    let setup = try fixture.setup(environment: [
      "XDG_STATE_HOME": home + "/x y", "XDG_CONFIG_HOME": home + "/conf",
    ])
    _ = try setup.apply()
    #expect(try fixture.ssh("a.tensorpool")["user"] == "from-prepare")
    #expect(
      fixture.calls == [
        "--home|\(home)|--config|\(home)/conf/sshproxy|--state|\(home)/x y/sshproxy|"
          + "prepare|a.tensorpool|"
      ])
  }

  @Test func listsNamesAndSuffixesOfTheConfiguration() throws {
    let fixture = try SetupFixture()
    let setup = try fixture.setup(
      "[prime]\nsuffix = \"pi\"\n[hosts.Train]\nprovider = \"static\"\nhost = \"h\"\n")
    _ = try setup.apply()
    for (alias, isOurs) in [
      ("train", true), ("TRAIN", true), ("a.PI", true), ("dm-a.dedalus", true), ("trains", false),
      ("a.prime", false), ("train.example", false), ("pi", false),
    ] {
      #expect(try (fixture.ssh(alias)["proxycommand"] != nil) == isOurs, "\(alias)")
    }
  }

  @Test(arguments: ["\n", "\r\n"])
  func winsOverWhatFollows(_ end: String) throws {
    let fixture = try SetupFixture()
    let user = ["Host *", "  User somebody", "  ProxyCommand none", "Host x", "  Port 7", ""]
    try fixture.home.write(user.joined(separator: end), to: ".ssh/config", mode: 0o644)
    _ = try fixture.setup().apply()
    #expect(try fixture.ssh("a.prime")["user"] == "from-prepare")
    #expect(try fixture.ssh("a.prime")["proxycommand"]?.contains("connect") == true)
    #expect(try fixture.ssh("x")["user"] == "somebody")
    #expect(try fixture.ssh("x")["port"] == "7")
    #expect(try fixture.home.mode(of: ".ssh/config") == 0o644)
    #expect(try fixture.home.mode(of: ".ssh/sshproxy.conf") == 0o600)
  }

  @Test func leavesFdpassOut() throws {
    let fixture = try SetupFixture()
    _ = try fixture.setup(fdpass: false).apply()
    let seen = try fixture.ssh("a.prime")
    #expect(seen["proxyusefdpass"] == "no")
    #expect(seen["proxycommand"]?.hasSuffix(" connect '%n'") == true)
  }

  @Test func previewIsAConfigurationItself() throws {
    let fixture = try SetupFixture("with spaces")
    let preview = try fixture.setup().preview()
    #expect(preview.contains("#   Include \"\(fixture.home.path)/.ssh/sshproxy.conf\"\n"))
    #expect(!FileManager.default.fileExists(atPath: fixture.home.path(of: ".ssh")))
    try fixture.home.write(preview, to: "preview")
    #expect(try fixture.ssh("a.prime", config: "preview")["user"] == "from-prepare")
  }

  @Test(arguments: [
    "/a'b", "/a\"b", "/a\\b", "/a\nb", "/a${HOME}b", "/a\u{7f}b", "/a\u{85}b", "a/b", "",
  ])
  func refusesPathsThatCannotBeQuoted(_ path: String) throws {
    for failure in [
      failure(of: { try QuotedPath.inCommand(path) }),
      failure(of: { try QuotedPath.inInclude(path) }),
    ] {
      #expect(failure?.kind == .configuration)
      #expect(failure?.message.contains("\n") == false)
    }
  }

  @Test(arguments: ["/a*b", "/a?b", "/a[b]", "/a%b"])
  func refusesPatternsInInclude(_ path: String) throws {
    #expect(failure { try QuotedPath.inInclude(path) }?.kind == .configuration)
    #expect(try QuotedPath.inCommand(path).hasPrefix("'/a"))
  }
}
