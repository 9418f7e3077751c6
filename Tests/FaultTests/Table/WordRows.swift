import Foundation
import TestSupport

extension FaultTable {
  /// What a git URL, a script or a person may give as an alias. The provider is never asked.
  static let words: [Fault] = [
    alias("an option as an alias", "-oProxyCommand=touch /tmp/x", says: "error: "),
    alias("a shell command in an alias", "$(touch x).prime", says: "cannot be an alias"),
    alias("a quote in an alias", "a'b.prime", says: "cannot be an alias"),
    alias("a % token in an alias", "%h.prime", says: "cannot be an alias"),
    alias("a path in an alias", "../sb1.prime", says: "cannot be an alias"),
    alias("two dots in an alias", "sb1..prime", says: "cannot be an alias"),
    alias("a line end in an alias", "sb1.prime\nHost *", says: "cannot be an alias"),
    alias("an escape sequence in an alias", "sb1\u{1b}[2J.prime", says: "cannot be an alias"),
    alias("a look-alike letter in an alias", "ѕb1.prime", says: "cannot be an alias"),
    alias("an empty alias", "", says: "cannot be an alias"),
    alias(
      "64 KiB of alias", String(repeating: "a", count: 65_530) + ".prime",
      says: "cannot be an alias"),
    alias("an id that Dedalus does not have", "box.dedalus", says: "not the id of a Dedalus"),
    alias("an alias of nobody", "box.example", status: 68, says: "no machine is known as"),
    alias("a suffix alone", "prime", status: 68, says: "no machine is known as"),
  ]

  private static func alias(
    _ name: String, _ alias: String, status: Int32 = 64, says words: String
  ) -> Fault {
    Fault(.words, name, status: status, says: words) { testHome in
      let commands = [["connect", alias], ["prepare", alias], ["connect", "--fdpass", alias]]
      let endings = try commands.map { words in
        testHome.wipe()
        return try testHome.run(words)
      }
      guard testHome.provider.allRequests.isEmpty else {
        throw Unexpected("the provider was asked")
      }
      return endings
    }
  }
}
