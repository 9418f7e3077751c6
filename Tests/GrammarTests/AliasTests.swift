import Grammar
import Testing

@Suite struct AliasTests {
  @Test(arguments: ["a", "A1", "sb1.prime", "a_b-c.d", "9", String(repeating: "a", count: 253)])
  func good(_ text: String) {
    #expect(Alias(reading: text)?.name == text.lowercased())
    #expect(Alias(reading: text)?.spelling == text)
    #expect(Alias.broken(by: text) == nil)
  }

  @Test(arguments: [
    "", ".", "-a", "_a", "a.", "a-", "a..b", "a b", "a/b", "ä", "a\n", "a%n", "a;b",
    String(repeating: "a", count: 254),
  ])
  func bad(_ text: String) {
    #expect(Alias(reading: text) == nil)
    #expect(Alias.broken(by: text) != nil)
  }

  @Test func caseMakesNoDifference() {
    #expect(Alias(reading: "SB1.Prime") == Alias(reading: "sb1.prime"))
  }
}
