import Diagnostics
import Grammar
import TestSupport
import Testing

@Suite struct AliasSpellingTests {
  @Test(arguments: [
    "a", "sb1.prime", "SB1.Prime", "dm-abc.dedalus", "0", "a_b", "a-.b", "1.2.3.4", "a--b",
    String(repeating: "x", count: 253),
  ])
  func accepts(_ text: String) throws {
    let alias = try Alias(text)
    #expect(alias.spelling == text)
    #expect(alias.name == text.lowercased())
  }

  @Test(arguments: [
    ("", "empty"), ("-oProxyCommand=x", "begin"), (".a", "begin"), ("a.", "end"), ("a-", "end"),
    ("a..b", "two dots"), ("a b", "character"), ("a/b", "character"), ("a\nb", "character"),
    ("a%h", "character"), ("a%b", "character"), ("a;b", "character"), ("a$(b)c", "character"),
    ("ä", "begin"), ("aеb", "character"), ("a\0b", "character"), ("a\u{1b}[31mb", "character"),
    ("[::1]", "begin"), (String(repeating: "x", count: 254), "longer"),
  ])
  func refusesAndNamesTheRule(_ text: String, _ rule: String) {
    let failure = failure { try Alias(text) }
    #expect(failure?.kind == .usage)
    #expect(failure?.message.contains(rule) == true, "\(failure?.message ?? "")")
    #expect(failure?.message.unicodeScalars.contains { $0.value < 0x20 } == false)
  }

  @Test func isOneAliasInEitherCase() throws {
    #expect(try Set([Alias("SB1.Prime"), Alias("sb1.prime")]).count == 1)
  }
}

@Suite struct HostAndPortSpellingTests {
  @Test func reads() throws {
    #expect(try HostAndPort("localhost:22") == HostAndPort(host: "localhost", port: 22))
    #expect(try HostAndPort("[::1]:2222") == HostAndPort(host: "::1", port: 2222))
  }

  @Test(arguments: [
    "", "host", "host:", ":22", "host:0", "host:65536", "host:+22", "host:2a", "::1:22", "[h]:22",
    "a b:22", "-x:22", "h:22:22", "[::1:22",
  ])
  func refuses(_ text: String) {
    #expect(failure { try HostAndPort(text) }?.kind == .usage)
  }
}
