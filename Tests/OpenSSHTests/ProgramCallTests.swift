import Grammar
import SystemIO
import Testing

@testable import OpenSSH

@Suite struct ProgramCallTests {
  private static let calls = [
    ProgramCall("/usr/bin/sshproxy", [:]),
    ProgramCall("/usr/bin/sshproxy", [.home: "/home/u"]),
    ProgramCall("/a b/100%/s", [.home: "/h %h", .config: "/c connect ", .state: "/s --home"]),
  ]

  @Test func isReadBack() {
    for call in Self.calls { #expect(ProgramCall(reading: call.text) == call) }
    #expect(
      Self.calls[2].text
        == "'/a b/100%%/s' --home '/h %%h' --config '/c connect ' --state '/s --home'")
  }

  @Test(arguments: [
    "", "'", "''", "'sshproxy'", "/usr/bin/sshproxy", "'/x' ", "'/x' --home", "'/x' --home ''",
    "'/x' --other '/y'",
    "'/x' --state '/y' --home '/z'", "'/x' --home '/y' --home '/z'", "'/x%h'", "'/x%%%'",
    "'/x' ; true", "'/x' '/y'",
    "'/x'\n", "'/x\n'", "'/x\"'", "'/x\\y'", "'/${x}'",
  ])
  func nothingElseIs(_ text: String) { #expect(ProgramCall(reading: text) == nil, "\(text)") }

  @Test func aPathThatCannotStandThereHasNone() {
    for path in ["x", "", "/it's", "/a\nb", "/a\"b"] {
      for call in [ProgramCall(path, [:]), ProgramCall("/x", [.state: path])] {
        #expect(ProgramCall(reading: call.text) == nil, "\(path)")
        var blocks = [ClientConfiguration.Block(alias: "a", settings: [])]
        ClientConfiguration.bind(
          &blocks, by: call, to: [.endpoint(HostAndPort(host: "h", port: 22))])
        #expect(throws: Failure.self, "\(path)") { try ClientConfiguration.render(blocks) }
      }
    }
  }

  /// A block may have ssh run nothing but ours, for one endpoint.
  @Test(arguments: [
    "'/x' connect --fdpass --only-to 'h:22' 'a'; true",
    "'/x' connect --fdpass --only-to 'h:22' 'a' ",
    "'/x' connect --fdpass --only-to 'h:22' '%n'", "'/x' connect --prepared '%n'",
    "'/x' connect --fdpass --prepared 'a'",
    "'/x' connect --fdpass --prepared --only-to 'h:22' '%n'",
    "'/x' connect --fdpass '%n'", "'/x' connect --fdpass --prepared '%n'; '%n'",
    "'/x' connect --fdpass --only-to 'h' 'a'",
    "'/x' connect --fdpass --only-to 'h:022' 'a'", "'/x' connect --fdpass 'a'",
    "'/x' connect --only-to 'h:22' 'a'", "'/x' exec --fdpass --only-to 'h:22' 'a'",
    "'x' connect --fdpass --only-to 'h:22' 'a'", "/x connect --fdpass --only-to 'h:22' 'a'",
    "'/x' connect --fdpass --only-to 'h:22' --only-behind 'h:22' 'a'",
    "'/x' connect --fdpass --only-to 'h:22' 'a' 'b'", "'/x' connect --fdpass --only-to ''h:22' 'a'",
  ])
  func aBlockCallsNothingElse(_ value: String) {
    #expect(!ProgramCall.isBound(value))
    #expect(throws: Failure.self) { try Setting(.proxyCommand, value).line() }
  }

  /// With known hosts of its own, it says that ssh has read it; and many such blocks say so in one line. A few
  /// name their places, as those do that are of another kind.
  @Test(arguments: [1, 16, 17, 40]) func manyBlocksWithKnownHostsShareTheirCall(_ count: Int) throws
  {
    let place = ProgramCall.Reach.endpoint(HostAndPort(host: "h", port: 22))
    for call in Self.calls {
      var blocks = (1...count).map { index in
        ClientConfiguration.Block(
          alias: "a\(index)", settings: [Setting(.userKnownHostsFile, "/k\(index)")])
      }
      blocks += [
        .init(
          alias: "b",
          settings: [Setting(.userKnownHostsFile, "/k"), Setting(.strictHostKeyChecking, "yes")]),
        .init(alias: "c", settings: []),
      ]
      let places = blocks.map { $0.alias == "c" ? nil : place }
      ClientConfiguration.bind(&blocks, by: call, to: places)
      let text = try ClientConfiguration.render(blocks)
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("  ProxyCommand ") }
      let shared = "  ProxyCommand \(call.text) connect --fdpass --prepared '%n'"
      let bound = lines.filter { $0.contains(" --only-to 'h:22' '") }
      #expect(lines.count { $0 == shared } == (count > 16 ? 1 : 0))
      #expect(bound.count == (count > 16 ? 1 : count + 1) && bound.contains { $0.hasSuffix("'b'") })
      #expect(lines.count == bound.count + (count > 16 ? 1 : 0))
      #expect(try ClientConfiguration.check(text) == blocks)
    }
  }

  @Test func aBlockIsBoundToItsEndpoint() throws {
    for call in Self.calls {
      for endpoint in ["h.example:22", "h.example:2222", "[fe80::1]:22"] {
        let secret = Setting(.preferredAuthentications, Setting.secretLoginMethod)
        for settings in [
          [], [Setting(.hostKeyAlias, "h")], [Setting(.userKnownHostsFile, "/k")],
          [Setting(.userKnownHostsFile, "/k"), secret],
        ] {
          let place = try #require(HostAndPort(reading: endpoint))
          func bound(to reach: ProgramCall.Reach) throws -> ClientConfiguration.Block {
            var blocks = [ClientConfiguration.Block(alias: "a", settings: settings)]
            ClientConfiguration.bind(&blocks, by: call, to: [reach])
            return try #require(blocks.first)
          }
          var block = try bound(to: .endpoint(place))
          let value = "\(call.text) connect --fdpass --only-to '\(endpoint)' 'a'"
          #expect(block.settings == settings + [Setting(.proxyCommand, value)])
          #expect(try ClientConfiguration.check(ClientConfiguration.render([block])) == [block])
          // Others than ssh go by `setup`'s lines.
          #expect(
            try !ClientConfiguration.render([block], for: .anyProgram).contains("ProxyCommand"))
          block = try bound(to: .behind(place))
          #expect(
            block.settings.last?.value == value.replacing("--only-to", with: "--only-behind"))
          #expect(try ClientConfiguration.check(ClientConfiguration.render([block])) == [block])
        }
      }
    }
  }

  /// Whoever has written the line, but not one that only has our name in it.
  @Test(arguments: [
    ("'/opt/a b/bin/sshproxy' --home '/h' connect --fdpass '%n'", true), ("sshproxy %h", true),
    ("exec /usr/bin/sshproxy connect %h", true), ("\"/opt/a b/sshproxy\" %h", true),
    ("nc -x sshproxy.example:1080 %h %p", false), ("/opt/sshproxy/bin/other %h", false),
    ("none", false), ("", false), ("exec ", false),
  ])
  func isOurs(_ command: String, _ isOurs: Bool) {
    #expect(ProgramCall.isOurs(command) == isOurs)
  }
}
