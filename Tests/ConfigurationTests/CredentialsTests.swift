import Configuration
import Foundation
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@Suite struct CredentialsTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func key(
    _ provider: ProviderKind = .prime, _ environment: [String: String] = [:], toml: String? = nil
  ) throws -> APIKey? {
    let configuration = try home.configuration(toml, environment: environment)
    guard case .value(let key) = try configuration.keySource(of: provider) else { return nil }
    return key
  }

  @Test func looksInOrder() throws {
    #expect(try key() == nil)
    try home.write(#"{"api_key": "vendor", "team_id": null, "x": [1]}"#, to: ".prime/config.json")
    #expect(try key()?.reveal() == "vendor")
    #expect(try key(toml: "[prime]\napi_key = \"configured\"")?.reveal() == "configured")
    try home.write("[prime]\napi_key = \"stored\"\n", to: ".config/sshproxy/credentials.toml")
    #expect(try key()?.reveal() == "stored")
    let variable = try key(.prime, ["PRIME_API_KEY": "variable"])
    #expect(variable?.reveal() == "variable")
    #expect(variable?.origin == "PRIME_API_KEY")
    #expect(try key(.prime, ["PRIME_API_KEY": ""])?.reveal() == "stored")
    #expect(try key(.dedalus) == nil)
  }

  /// An edit in the middle of a run sends no key to another account's address.
  @Test func aFileThatChangesMeanwhileMixesNoAccounts() throws {
    func writeAccount(_ name: String) throws {
      try home.write(
        """
        {"api_key": "\(name)", "team_id": "\(name)", "base_url": "https://\(name).example"}
        """, to: ".prime/config.json")
      try home.write(
        "[tensorpool]\napi_key = \"\(name)\"\n", to: ".config/sshproxy/credentials.toml")
    }
    func key(_ provider: ProviderKind, _ configuration: Configuration) throws -> String? {
      guard case .value(let key) = try configuration.keySource(of: provider) else { return nil }
      return key.reveal()
    }
    try writeAccount("one")
    let configuration = try home.configuration()
    #expect(try configuration.baseURL(of: .prime) == "https://one.example")
    #expect(try key(.tensorpool, configuration) == "one")
    try writeAccount("two")
    #expect(try key(.prime, configuration) == "one")
    #expect(try configuration.scope(of: .prime)?.fields.first?.value == "one")
    #expect(try key(.tensorpool, configuration) == "one")
    // What this run itself stores counts, and takes nothing back that was written meanwhile.
    try configuration.store(APIKey("stored", origin: "a test"), of: .dedalus, caller: .nobody)
    #expect(try key(.dedalus, configuration) == "stored")
    #expect(try key(.tensorpool, configuration) == "two")
    #expect(try key(.prime, home.configuration()) == "two")
  }

  @Test func knowsBothKindsOfDedalusKey() throws {
    #expect(try key(.dedalus, ["DEDALUS_X_API_KEY": "x"])?.header == .named("x-api-key"))
    let both = try key(.dedalus, ["DEDALUS_X_API_KEY": "x", "DEDALUS_API_KEY": "b"])
    #expect(both?.header == .bearer)
    #expect(both?.reveal() == "b")
    #expect(try key(.tensorpool, ["TENSORPOOL_KEY": "t\n"])?.reveal() == "t")
  }

  @Test func givesTheCommandAsItStands() throws {
    let configuration = try home.configuration("[tensorpool]\napi_key_command = \"pass tp\"")
    guard case .command("pass tp", _) = try configuration.keySource(of: .tensorpool) else {
      Issue.record("no command")
      return
    }
    guard case .missing(let hint) = try configuration.keySource(of: .dedalus) else {
      Issue.record("a key from nowhere")
      return
    }
    #expect(hint == "run `sshproxy login dedalus`, or set DEDALUS_API_KEY")
  }

  @Test(arguments: [
    "a b", "a\u{7}b", "schlüssel", "\n", String(repeating: "x", count: 4097), "a\n\n",
  ])
  func refusesWhatIsNoKeyWithoutShowingIt(_ text: String) {
    let failure = failure { try APIKey(text, origin: "PRIME_API_KEY") }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains("PRIME_API_KEY") == true)
    if text.count > 2 { #expect(failure?.message.contains(text) == false) }
  }

  @Test func showsNoKeyAnywhere() throws {
    let key = try APIKey("very-secret", origin: "X")
    var dumped = ""
    dump(KeySource.value(key), to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped, "\(KeySource.value(key))"] {
      #expect(!text.contains("very-secret"))
      #expect(text.contains("X"))
    }
  }

  /// One with a password or a key in it is refused, and neither is said.
  @Test(arguments: [
    "https://me:very-secret@api.example.com", "https://api.example.com/v1?key=very-secret",
    "https://api.example.com/#very-secret", "https://me:a?very-secret@api.example.com",
    "very-secret@api.example.com", "HTTP://very-secret@127.0.0.1:80",
    "https://very-secret@\u{301}api.example.com",
  ])
  func showsNoSecretOfABaseURL(_ text: String) {
    let failure = failure { try BaseURL.checked(text, origin: "PRIME_API_BASE_URL") }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains("PRIME_API_BASE_URL") == true)
    #expect(failure?.message.contains("very-secret") == false, "\(failure as Any)")
  }

  @Test(arguments: [0o640, 0o604, 0o622])
  func refusesCredentialsThatOthersCanRead(_ mode: Int) throws {
    try home.write(
      "[prime]\napi_key = \"k\"\n", to: ".config/sshproxy/credentials.toml", mode: mode)
    let failure = failure { try key() as Any }
    #expect(failure?.kind == .configuration)
    #expect(failure?.hint?.hasPrefix("chmod 600") == true)
  }

  @Test func readsCredentialsStrictly() throws {
    try home.write("[prime]\nbase_url = \"k\"\n", to: ".config/sshproxy/credentials.toml")
    let failure = failure { try key() as Any }
    #expect(failure?.message.hasPrefix("credentials.toml line 2: unknown key") == true)
  }

  /// A cloud that `config.toml` describes no more has left its key: that is no failure of the others.
  @Test func aKeyOfNobodyIsNobodysFailure() throws {
    let file = ".config/sshproxy/credentials.toml"
    try home.write("[own]\napi_key = \"old\"\n\n[prime]\napi_key = \"k\"\n", to: file)
    #expect(try key()?.reveal() == "k")
    let configuration = try home.configuration()
    #expect(configuration.allKeys.contains("old"))
    guard case .missing(let hint) = try configuration.keySource(of: .dedalus) else {
      Issue.record("there is a key for dedalus")
      return
    }
    #expect(hint.hasSuffix("; credentials.toml has a key of [own], which nothing here is"))
    try configuration.store(APIKey("new", origin: "test"), of: .prime, caller: .nobody)
    #expect(
      home.read(file) == "[own]\napi_key = \"old\"\n\n[prime]\napi_key = \"new\"\n")
    try home.write("[own]\nkey = \"old\"\n", to: file)
    #expect(failure { try key() as Any }?.message.contains("line 1: unknown table") == true)
    try home.write("[own]\napi_key = \"old\"\nurl = \"x\"\n", to: file)
    #expect(failure { try key() as Any }?.message.contains("line 3: unknown key") == true)
  }

  @Test(arguments: ["{", "[]", #"{"api_key": 3}"#, ""])
  func namesAVendorFileThatCannotBeRead(_ json: String) throws {
    try home.write(json, to: ".prime/config.json", mode: 0o644)
    #expect(failure { try key() as Any }?.message.contains(".prime/config.json") == true)
    #expect(try key(.prime, ["PRIME_API_KEY": "k"])?.reveal() == "k")
    #expect(try key(.dedalus, ["DEDALUS_API_KEY": "k"])?.reveal() == "k")
  }

  /// It says where a key goes, whoever's that is.
  @Test(arguments: [0o664, 0o646, 0o620])
  func refusesAVendorFileThatOthersCanWrite(_ mode: Int) throws {
    let text = #"{"base_url": "https://attacker.example"}"#
    try home.write(text, to: ".prime/config.json", mode: mode)
    try home.write("[prime]\napi_key = \"k\"\n", to: ".config/sshproxy/credentials.toml")
    let failure = failure { try home.configuration().baseURL(of: .prime) }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.hasSuffix("others can write it") == true)
    #expect(failure?.hint?.hasPrefix("chmod go-w") == true)
    // One that others can read is the vendor's business.
    try home.write(text, to: ".prime/config.json", mode: 0o644)
    #expect(try home.configuration().baseURL(of: .prime) == "https://attacker.example")
  }

  /// Nor one that others can put another file in the place of.
  @Test(arguments: [".prime", ".config/sshproxy", ".config", "."])
  func refusesFilesInAFolderThatOthersCanWrite(_ folder: String) throws {
    try home.write("{}", to: ".prime/config.json")
    try home.write("[prime]\napi_key = \"k\"\n", to: ".config/sshproxy/credentials.toml")
    try home.write("", to: ".config/sshproxy/config.toml")
    #expect(try key()?.reveal() == "k")
    chmod(home.path(of: folder), 0o777)
    let failure = failure {
      let configuration = try home.configuration()
      return try (configuration.keySource(of: .prime), configuration.baseURL(of: .prime))
    }
    #expect(failure?.kind == .configuration)
    #expect(
      failure?.message.contains("others can change \(home.path)") == true,
      "\(failure?.message ?? "")")
  }

  @Test func findsTheBaseURLInOrder() throws {
    func url(_ environment: [String: String] = [:], toml: String? = nil) throws -> String {
      try home.configuration(toml, environment: environment).baseURL(of: .prime)
    }
    #expect(try url() == "https://api.primeintellect.ai")
    try home.write(#"{"base_url": "https://vendor/api/v1"}"#, to: ".prime/config.json")
    #expect(try url() == "https://vendor")
    #expect(try url(toml: "[prime]\nbase_url = \"https://file\"") == "https://file")
    #expect(try url(["PRIME_BASE_URL": "http://[::1]:80/x/"]) == "http://[::1]:80/x")
    #expect(
      try url(["PRIME_BASE_URL": "https://b", "PRIME_API_BASE_URL": "HTTPS://a"]) == "https://a")
    let failure = failure { try url(["PRIME_API_BASE_URL": "http://10.0.0.1"]) }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains("PRIME_API_BASE_URL") == true)
  }

  @Test func readsTheOtherVendorsVariables() throws {
    let configuration = try home.configuration(environment: [
      "DEDALUS_BASE_URL": "https://d", "DEDALUS_ORG_ID": "org", "TENSORPOOL_ENGINE": "https://t",
    ])
    #expect(
      try configuration.target(for: Alias("dm-a.dedalus")).settings
        == .vendor(
          VendorSettings(
            .dedalus, baseURL: "https://d", options: ["organization": .text("org")],
            decisive: ["org"])))
    #expect(
      try configuration.target(for: Alias("a.tensorpool")).settings
        == .vendor(VendorSettings(.tensorpool, baseURL: "https://t")))
  }

  @Test(arguments: [
    ("", "[prime]\napi_key = \"new\"\n"),
    (
      "# mine\n[dedalus]\napi_key = \"d\" # d\n",
      "# mine\n[dedalus]\napi_key = \"d\" # d\n\n[prime]\napi_key = \"new\"\n"
    ),
    (
      "[prime]\n# old\napi_key = \"old\"\n\n[dedalus]\napi_key = 'd'\n",
      "[prime]\n# old\napi_key = \"new\"\n\n[dedalus]\napi_key = 'd'\n"
    ),
    ("[prime]", "[prime]\napi_key = \"new\""),
    ("prime.api_key = \"old\"\n", "prime.api_key = \"new\"\n"),
    ("[prime]\r\napi_key = \"old\"\r\n", "[prime]\r\napi_key = \"new\"\r\n"),
  ])
  func storesAKeyAndKeepsTheRest(_ old: String, _ new: String) throws {
    if !old.isEmpty { try home.write(old, to: ".config/sshproxy/credentials.toml") }
    let configuration = try home.configuration()
    try configuration.store(APIKey("new", origin: "x"), of: .prime, caller: .nobody)
    let bytes = home.bytes(of: ".config/sshproxy/credentials.toml") ?? []
    #expect(String(decoding: bytes, as: UTF8.self) == new)
    #expect(try home.mode(of: ".config/sshproxy/credentials.toml") == 0o600)
    #expect(try home.mode(of: ".config/sshproxy") == 0o700)
    #expect(try key()?.reveal() == "new")
  }

  @Test func storesEveryKeyThatIsOne() throws {
    let odd = String(decoding: UInt8(0x21)...0x7e, as: UTF8.self)
    for _ in 1...2 {
      try home.configuration().store(APIKey(odd, origin: "x"), of: .tensorpool, caller: .nobody)
      #expect(try key(.tensorpool)?.reveal() == odd)
    }
  }

  /// Each `login` replaces the whole file.
  @Test func keysThatAreStoredAtOnceAreAllKept() throws {
    let kinds: [ProviderKind] = [.prime, .dedalus, .tensorpool]
    for round in 1...20 {
      let logins = try kinds.map { ($0, try home.configuration()) }
      DispatchQueue.concurrentPerform(iterations: logins.count) { index in
        let (kind, configuration) = logins[index]
        #expect(throws: Never.self) {
          try configuration.store(
            APIKey("key-\(round)", origin: "x"), of: kind, caller: HangUpMonitor(output: -1))
        }
      }
      for kind in kinds { #expect(try key(kind)?.reveal() == "key-\(round)", "\(kind)") }
    }
  }

  @Test(arguments: ["prime = { api_key = \"old\" }\n", "[prime]\napi_key = \"\"\"\nold\"\"\"\n"])
  func leavesAFileThatCannotBeEdited(_ old: String) throws {
    try home.write(old, to: ".config/sshproxy/credentials.toml")
    let configuration = try home.configuration()
    let failure = failure {
      try configuration.store(APIKey("new", origin: "x"), of: .prime, caller: .nobody)
    }
    #expect(failure?.kind == .configuration)
    #expect(home.read(".config/sshproxy/credentials.toml") == old)
  }
}
