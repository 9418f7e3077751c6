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
        var block = ClientConfiguration.Block(alias: "a", settings: [])
        block.bind(by: call, to: .endpoint(HostAndPort(host: "h", port: 22)))
        #expect(throws: Failure.self, "\(path)") { try ClientConfiguration.render([block]) }
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

  /// With known hosts of its own, it says that ssh has read it; and many such blocks say so in one line.
  @Test(arguments: [1, 40]) func aBlockWithKnownHostsIsKnownByItsCall(_ count: Int) throws {
    let place = HostAndPort(host: "h", port: 22)
    for call in Self.calls {
      let blocks = (1...count).map { index in
        var block = ClientConfiguration.Block(
          alias: "a\(index)", settings: [Setting(.userKnownHostsFile, "/k\(index)")])
        block.bind(by: call, to: .endpoint(place))
        return block
      }
      let line = "  ProxyCommand \(call.text) connect --fdpass --prepared '%n'"
      let text = try ClientConfiguration.render(blocks)
      #expect(text.split(separator: "\n").count { $0 == line } == 1)
      #expect(try ClientConfiguration.check(text) == blocks)
    }
  }

  @Test func aBlockIsBoundToItsEndpoint() throws {
    for call in Self.calls {
      for (words, endpoint) in [
        ("h.example port 22", "h.example:22"), ("h.example port 2222", "h.example:2222"),
        ("fe80::1 port 22", "[fe80::1]:22"),
      ] {
        let secret = Setting(.preferredAuthentications, Setting.secretLoginMethod)
        for settings in [
          [], [Setting(.hostKeyAlias, "h")], [Setting(.userKnownHostsFile, "/k"), secret],
        ] {
          var block = ClientConfiguration.Block(alias: "a", settings: settings)
          let place = try #require(HostAndPort(words: words))
          block.bind(by: call, to: .endpoint(place))
          let value = "\(call.text) connect --fdpass --only-to '\(endpoint)' 'a'"
          #expect(block.settings == settings + [Setting(.proxyCommand, value)])
          #expect(try ClientConfiguration.check(ClientConfiguration.render([block])) == [block])
          // Others than ssh go by `setup`'s lines.
          #expect(
            try !ClientConfiguration.render([block], for: .anyProgram).contains("ProxyCommand"))
          block = .init(alias: "a", settings: settings)
          block.bind(by: call, to: .behind(place))
          #expect(
            block.settings.last?.value == value.replacing("--only-to", with: "--only-behind"))
          #expect(try ClientConfiguration.check(ClientConfiguration.render([block])) == [block])
        }
      }
    }
  }
}
