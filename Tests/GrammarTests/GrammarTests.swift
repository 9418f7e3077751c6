import Grammar
import Testing

@Suite struct GrammarTests {
  @Test(arguments: [
    "a", "host", "host.example.com", "HOST.Example", "h-1.x--y.z9", "10.0.0.7", "255.255.255.255",
    "0.0.0.0", "::", "::1", "1::", "fe80::1", "2001:db8::8:800:200c:417a", "1:2:3:4:5:6:7:8",
    "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1::8", "2001:DB8::1", "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8", "xn--bcher-kva.example", "localhost", "1.2.3.4.example", "3com.com",
    String(repeating: "a", count: 63) + ".b",
  ])
  func host(_ text: String) { #expect(Grammar.isHost(text)) }

  @Test(arguments: [
    "", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a-.b", "a b", "a\n", "a\0", "a\tb", "ä.de",
    "a_b", "a%b", "$a", "`a`", "a;b", "a/b", "a@b", "a:22", "[::1]", "::1%eth0", "127.1", "1",
    "0x7f.1", "0x7f000001", "2130706433", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "1.2.3.",
    "a.1", "a.0xf", ":", ":::", "1:::2", "::1::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "12345::",
    "g::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", ":1", "1:", "1:2:3:4:5:6:7:8::", "١.٢.٣.٤", "-oX=y",
    String(repeating: "a", count: 64),
    Array(repeating: "abcdefg", count: 32).joined(separator: "."),
    "a\u{202e}b", "ａ",
  ])
  func notHost(_ text: String) { #expect(!Grammar.isHost(text)) }

  @Test(arguments: [
    "root", "_x", "user.name", "a@b.example", "a+b", "0", "ses-01HF", "dm_1",
    String(repeating: "a", count: 255),
  ])
  func login(_ text: String) { #expect(Grammar.isLogin(text)) }

  @Test(arguments: [
    "", "-oProxyCommand=x", "-", "@a", ".a", "+a", "a b", "a\n", "a\0", "a'b", "a\"b", "a`b", "a$b",
    "a%h", "a;b", "a|b", "a&b", "a(b", "a<b", "a>b", "a\\b", "a{b", "a:b", "a/b", "a*", "a?", "a!",
    "a#", "a~", "a,b", "x=y", "a=", "é", "a\u{7f}", String(repeating: "a", count: 256),
  ])
  func notLogin(_ text: String) { #expect(!Grammar.isLogin(text)) }

  @Test func sessionID() {
    for text in ["a", "0-9", "6f2:3.x_y", "9c0f9f3e-0d5f-4b3a-9c2e-6d6f0c1b2a3d"] {
      #expect(Grammar.isSessionID(text))
    }
    for text in [
      "", ".a", "-a", "_a", "a..b", "a/b", "a b", "a\n", "a%2f", "é", "a@b",
      String(repeating: "a", count: 256),
    ] {
      #expect(!Grammar.isSessionID(text), "\(text)")
    }
  }

  @Test func port() {
    #expect(Grammar.isPort(1) && Grammar.isPort(65535))
    #expect(!Grammar.isPort(0) && !Grammar.isPort(65536) && !Grammar.isPort(-22))
    #expect(Grammar.port("22") == 22)
    #expect(Grammar.number("70000", in: 1...86_400) == 70_000)
    for text in ["", "0", "022", "+22", "-22", " 22", "65536", "22a", "٢٢", "999999"] {
      #expect(Grammar.port(text) == nil, "\(text)")
    }
  }

  @Test func hostPattern() {
    for text in [
      "*", "*.example.com", "a,b,!c", "dm-*.?.x", "[*.example]:2222", "10.0.*", "fe80::*",
    ] {
      #expect(Grammar.isHostPattern(text), "\(text)")
    }
    for text in [
      "", "a,,b", "!", "a b", "a\n", "a#b", "|1|x|y", "@cert-authority", "[a", "[a]:0", "[a]b",
      "\"a\"", "-a", "a%", String(repeating: "*", count: 1025),
    ] {
      #expect(!Grammar.isHostPattern(text), "\(text)")
    }
  }
}

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("a-Z0.9_~", "a-Z0.9_~"), ("a b/c?d", "a%20b%2Fc%3Fd"), ("ü%", "%C3%BC%25"), ("", ""),
  ])
  func bothWays(_ plain: String, _ encoded: String) {
    #expect(plain.percentEncoded == encoded)
    #expect(encoded.percentDecoded == Array(plain.utf8))
  }

  @Test(arguments: ["%", "a%4", "%zz", "%%41", "%+f"])
  func whatIsNone(_ text: String) { #expect(text.percentDecoded == nil) }
}

/// A word as a shell reads it.
@Suite struct ShellWordTests {
  /// What a person copies into a shell from a hint.
  @Test(arguments: [
    ("/home/u/.ssh/config", "/home/u/.ssh/config"), ("", "''"), ("two words", "'two words'"),
    ("it's $(here)", #"'it'\''s $(here)'"#), ("'", #"''\'''"#), ("[h]:22", "'[h]:22'"),
    ("a'\u{301};id", "'a'\\''\u{301};id'"),
  ])
  func aWordForAShell(_ text: String, _ word: String) {
    #expect(text.quotedForShell == word)
  }
}
