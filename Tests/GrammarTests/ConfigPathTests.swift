import Grammar
import Testing

@Suite struct ConfigPathTests {
  @Test(arguments: [
    ("/a/b", "/a/b"), ("/a b", "\"/a b\""), ("/a%b", "/a%%b"), ("/a=b", "\"/a=b\""),
    ("/a 100%", "\"/a 100%%\""),
  ])
  func wordReadsBack(_ path: String, _ word: String) {
    #expect(ConfigPath.broken(by: path) == nil)
    #expect(ConfigPath.word(path) == word)
    #expect(ConfigPath.read(word) == path)
  }

  @Test(arguments: ["\"/a", "/a%b", "/a b", "\"/a\"", "a", "", "/a\nb"])
  func readsWhatItWritesAlone(_ text: String) { #expect(ConfigPath.read(text) == nil) }

  @Test(arguments: [
    "a/b", "", "/a\"b", "/a\\b", "/a\nb", "/a${HOME}b", "/a\u{7f}b", "/a\u{85}b",
    "/" + String(repeating: "a", count: 4096),
  ])
  func refuses(_ path: String) { #expect(ConfigPath.broken(by: path) != nil) }

  @Test func shellWordKeepsTokensFromSSH() {
    #expect(ConfigPath.shellWord("/a b%n") == "'/a b%%n'")
  }
}
