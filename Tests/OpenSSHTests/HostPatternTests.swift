import Grammar
import OpenSSH
import TestSupport
import Testing

@Suite struct HostPatternTests {
  static let lists = [
    "*", "?", "a", "A", "host", "h*", "*t", "h*t", "h?st", "????", "*.example.com", "!a,*", "*,!a",
    "!a", "!*", "*,!*.bad.example", "a,b,host", "10.0.0.*", "10.0.?.7", "**", "*?*", "*a*b*c*",
    "HOST", "*.Example.com", "h*s*t*", "x,!host,h*", "!host,h*", "?*", "*host*", "[h]ost",
  ]
  static let names = [
    "a", "b", "host", "HOST", "hst", "ht", "hosts", "www.example.com", "example.com",
    "www.EXAMPLE.com", "x.bad.example", "10.0.0.7", "10.0.10.7", "aXbXc", "abc", "acb", "-",
  ]

  /// `Match originalhost` goes through the same function of OpenSSH as known hosts do.
  @Test func agreesWithSSH() throws {
    let bench = try Workbench()
    var matched = 0
    for list in Self.lists {
      try bench.write("config", "Match originalhost \(list)\n  User matched\n")
      let script = Self.names.map {
        "ssh -G -F config -- '\($0)' 2>/dev/null | grep -c '^user matched$'"
      }
      let output = try bench.run("sh", "-c", script.joined(separator: "\n")).text
      let counts = output.split(separator: "\n").map(String.init)
      // ssh refuses a host that starts with `-`: no count of matches there.
      try #require(counts.count == Self.names.count)
      for (name, count) in zip(Self.names, counts) where name != "-" {
        #expect(HostPattern.matches(name, list) == (count == "1"), "\(name) \(list)")
        matched += count == "1" ? 1 : 0
      }
    }
    #expect(matched > 100)
  }

  @Test(.timed) func doesNotExplode() throws {
    let pattern = String(repeating: "*a", count: 500) + "b"
    let name = String(repeating: "a", count: 2000)
    let (matches, time) = seconds { HostPattern.matches(name, pattern) }
    #expect(!matches)
    try expectTime(time, within: 5)
  }

  @Test func edges() {
    #expect(!HostPattern.matches("a", ""))
    #expect(!HostPattern.matches("a", ",,"))
    #expect(!HostPattern.matches("", "?"))
    #expect(HostPattern.matches("", "*"))
    #expect(!HostPattern.matches("é", "?"))
  }
}
