import Foundation
import TestSupport

extension FaultTable {
  static let configuration: [Fault] = [
    row("a key that nobody knows", status: 78, says: "line 3") {
      try $0.configure("[connection.more]\nspeed = 9\n")
    },
    row("a file that is no TOML", status: 78, says: "config.toml") { try $0.configure("[[[\n") },
    row("a file that is not UTF-8", status: 78, says: "not UTF-8 text") { testHome in
      let file = testHome.home.path(of: ".config/sshproxy/config.toml")
      try Data([0x5b, 0xff, 0x5d]).write(to: URL(filePath: file))
    },
    row("a file that others can write", status: 78, says: "others can write it") { testHome in
      try testHome.home.write("", to: ".config/sshproxy/config.toml", mode: 0o666)
    },
    row("a FIFO in the file's place", status: 78, says: "it is not a file") { testHome in
      let file = testHome.home.path(of: ".config/sshproxy/config.toml")
      unlink(file)
      mkfifo(file, 0o600)
    },
    row("a directory in the file's place", status: 78, says: "it is not a file") { testHome in
      let file = testHome.home.path(of: ".config/sshproxy/config.toml")
      unlink(file)
      mkdir(file, 0o700)
    },
    row("plain http to another computer", status: 78, says: "would send your key unencrypted") {
      $0.environment["PRIME_API_BASE_URL"] = "http://192.0.2.1"
    },
    row("an API at a host that looks like this computer", status: 78, says: "unencrypted") {
      $0.environment["PRIME_API_BASE_URL"] = "http://127.0.0.1.example.com"
    },
    row("a URL of the API that is none", status: 78, says: "PRIME_API_BASE_URL") {
      $0.environment["PRIME_API_BASE_URL"] = "gopher://x"
    },
    row("a table that nobody knows", status: 78, says: "did you mean \"prime\"?") {
      try $0.configure("[prim]\nttl = 5\n")
    },
    row("a value out of range", status: 78, says: "ttl") {
      try $0.configure("[prime]\nttl = 5000\n")
    },
    row("no key anywhere", status: 77, says: "there is no API key for Prime Intellect") {
      $0.environment["PRIME_API_KEY"] = nil
    },
    row("a key with a line end in it", status: 78, says: "PRIME_API_KEY") {
      $0.environment["PRIME_API_KEY"] = "pit_1\r\nX-Evil: 1"
    },
    row("a credentials file that others can read", status: 78, says: "others can read it") {
      testHome in
      testHome.environment["PRIME_API_KEY"] = nil
      try testHome.home.write(
        "prime = \"pit_1\"\n", to: ".config/sshproxy/credentials.toml", mode: 0o644)
    },
    command("an api_key_command that fails", "echo no >/dev/null; exit 3", says: "status 3"),
    command("an api_key_command that prints nothing", "true", says: "printed 0 bytes"),
    Fault(
      .configuration, "an api_key_command that hangs", status: 75, says: "it takes too long",
      within: Fault.atDeadline
    ) { testHome in
      try keyCommand("exec sleep 600", testHome)
      return [try ended(testHome)]
    },
    Fault(
      .configuration, "an api_key_command that never stops printing", status: 65,
      says: "it prints more than"
    ) { testHome in
      try keyCommand("exec cat /dev/zero", testHome)
      return [try ended(testHome)]
    },
  ]

  /// What is not put right by the provider's recovery is put right here, before the judge looks.
  private static func ended(_ testHome: FaultHome) throws -> ProgramEnd {
    let ending = try testHome.connect()
    testHome.environment.merge(FaultHome.keys) { _, good in good }
    testHome.environment["PRIME_API_BASE_URL"] = testHome.provider.url
    let file = testHome.home.path(of: ".config/sshproxy/config.toml")
    try? FileManager.default.removeItem(atPath: file)
    try? FileManager.default.removeItem(
      atPath: testHome.home.path(of: ".config/sshproxy/credentials.toml"))
    try testHome.configure("")
    guard testHome.provider.allRequests.isEmpty else { throw Unexpected("the provider was asked") }
    return ending
  }

  private static func row(
    _ name: String, status: Int32, says words: String,
    _ spoil: @escaping @Sendable (FaultHome) throws -> Void
  ) -> Fault {
    Fault(.configuration, name, status: status, says: words) { testHome in
      try spoil(testHome)
      return [try ended(testHome)]
    }
  }

  private static func keyCommand(_ text: String, _ testHome: FaultHome) throws {
    testHome.environment["PRIME_API_KEY"] = nil
    try testHome.configure("[prime]\napi_key_command = \"\(text)\"\n")
  }

  private static func command(_ name: String, _ text: String, says words: String) -> Fault {
    row(name, status: 77, says: words) { try keyCommand(text, $0) }
  }
}
