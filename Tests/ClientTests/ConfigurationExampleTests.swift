import Foundation
import TestSupport
import Testing

/// `examples/config.toml`: valid, complete, and what it says of the defaults is true.
@Suite(.serialized, .timed) struct ConfigurationExampleTests {
  static let shared = SharedSimulator()
  let testHome: TestHome
  let text: String

  init() throws {
    testHome = try TestHome.ofUser(try Self.shared.fresh())
    text = try Examples.text("config.toml")
    try testHome.configure(text)
  }

  /// The keys that the program knows, by the table in which they stand.
  private static let keys = [
    "connection": [
      "deadline", "max_life", "list_machines", "renew_ahead", "prepare_on_print", "keepalive",
      "key", "ciphers", "multiplex", "through",
    ],
    "prime": [
      "api_key_command", "api_key", "base_url", "suffix", "ttl", "team", "context", "route",
      "allow_local",
    ],
    "dedalus": [
      "api_key", "base_url", "suffix", "organization", "route", "jump_target", "allow_local",
    ],
    "tensorpool": [
      "api_key_command", "base_url", "suffix", "through", "route", "allow_local",
    ],
    "hosts.train": ["provider", "id", "route"],
    "hosts.inner": ["provider", "id", "route", "jump_target"],
    "hosts.lab": ["provider", "host", "port", "through"],
    "hosts.mine": ["provider", "command", "id"],
  ]

  @Test func isValidAndNamesItsHosts() throws {
    let end = try testHome.run("sshproxy setup --print")
    #expect(end.status == 0, "\(end)")
    #expect(
      end.output.contains(
        "*.prime,*.dedalus,*.tensorpool,*.prime-pod,*.runpod,*.vast,*.lambda,*.shadeform,*.daytona,inner,lab,mine,train "
      ), "\(end)")
    #expect(end.errors == "")
  }

  @Test(arguments: [
    ("train", "dedalus dm-abc direct None"), ("inner", "dedalus dm-def jump 10.0.0.9:22"),
    ("lab", "static lab direct None"), ("mine", "command i-42 direct None"),
    ("sb1.prime", "prime sb1 direct None"), ("dm-9.dedalus", "dedalus dm-9 jump localhost:22"),
  ])
  func means(_ alias: String, _ meaning: String) throws {
    let end = try testHome.run(
      """
      sshproxy resolve --json \(alias) | python3 -c '
      import json, sys
      said = json.load(sys.stdin)
      print(*(said[name] for name in ("provider", "id", "route", "jump_target")))'
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output == meaning + "\n")
  }

  @Test func hasEveryKeyOnce() throws {
    var table = ""
    var found: [String: [String]] = [:]
    for line in text.split(separator: "\n") {
      if line.hasPrefix("[") {
        table = String(line.dropFirst().prefix { $0 != "]" })
      } else if let end = line.range(of: " = ") {
        let start = line.hasPrefix("# ") ? 2 : 0
        let key = String(line[..<end.lowerBound].dropFirst(start))
        if key.allSatisfy({ $0.isLetter || $0 == "_" }) { found[table, default: []].append(key) }
      }
    }
    #expect(found.keys.sorted() == Self.keys.keys.sorted())
    for (table, keys) in Self.keys { #expect(found[table]?.sorted() == keys.sorted(), "\(table)") }
  }

  /// A typing mistake in any of the keys is found, with its line.
  @Test func everyKeyIsRead() throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var count = 0
    for (index, line) in lines.enumerated() where line.contains(" = ") && !line.hasPrefix("#") {
      var broken = lines
      broken[index] = "x\(line)"
      try testHome.configure(broken.joined(separator: "\n"))
      let end = try testHome.run("sshproxy setup --print")
      #expect(end.status == 78, "\(line): \(end)")
      // A table without its provider is wrong where it begins, a line above.
      let number = line.hasPrefix("provider") ? index : index + 1
      #expect(end.errors.contains("config.toml line \(number): "), "\(end)")
      count += 1
    }
    #expect(count >= 33)
  }

  @Test func keyWantsAPrivateFile() throws {
    try testHome.configure(text, mode: 0o644)
    let end = try testHome.run("sshproxy setup --print")
    #expect(end.status == 78, "\(end)")
    #expect(end.errors.contains("chmod 600"), "\(end)")
  }

  @Test func logsInByAName() throws {
    #expect(try testHome.run("sshproxy setup").status == 0)
    // The organization of the example is none of the simulator's, and of no weight there.
    let end = try testHome.run("ssh train 'echo $USER'")
    #expect(end.status == 0, "\(end)")
    #expect(end.output.count > 1)
    #expect(end.errors == "")
  }
}
