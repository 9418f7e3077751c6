import Configuration
import Sessions
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Providers

/// Teams and contexts of Prime's own client: which account is asked, and that it is never another one.
@Suite struct PrimeScopeTests {
  let home: TemporaryDirectory

  init() throws {
    home = try TemporaryDirectory()
    try home.write(
      #"{"api_key": "own", "team_id": "t-own", "base_url": "https://own/api/v1/"}"#,
      to: ".prime/config.json")
    try home.write(
      #"{"api_key": "work", "team_id": "t-work", "base_url": "https://work/api/v1"}"#,
      to: ".prime/environments/work.json")
    try home.write(#"{"team_id": null}"#, to: ".prime/environments/bare.json")
  }

  private struct Account: Equatable {
    var key: String
    var team: String?
    var url: String
  }

  private func account(_ environment: [String: String] = [:], toml: String? = nil) throws -> Account
  {
    let configuration = try home.configuration(toml ?? "", environment: environment)
    guard case .value(let key) = try configuration.keySource(of: .prime) else {
      throw Failure(.denied, "no key")
    }
    return Account(
      key: key.reveal(), team: try PrimeScope(configuration.sources(of: .prime)).team,
      url: try configuration.baseURL(of: .prime))
  }

  @Test func theFilesAccountIsTheUsualOne() throws {
    #expect(try account() == Account(key: "own", team: "t-own", url: "https://own"))
    #expect(try account(toml: "[prime]\nteam = \"t-toml\"").team == "t-toml")
    #expect(try account(["PRIME_TEAM_ID": "t-env"], toml: "[prime]\nteam = \"x\"").team == "t-env")
  }

  /// Set but empty: the personal scope.
  @Test(arguments: ["", " "]) func anEmptyTeamIsThePersonalScope(_ text: String) throws {
    #expect(try account(["PRIME_TEAM_ID": text], toml: "[prime]\nteam = \"t\"").team == nil)
  }

  @Test func aContextIsLaidOverTheFile() throws {
    let work = Account(key: "work", team: "t-work", url: "https://work")
    #expect(try account(["PRIME_CONTEXT": "work"]) == work)
    #expect(try account(toml: "[prime]\ncontext = \"work\"") == work)
    // What has no address has the usual one, and no team of another account's.
    let bare = Account(key: "own", team: nil, url: "https://api.primeintellect.ai")
    #expect(try account(["PRIME_CONTEXT": "bare"]) == bare)
    #expect(
      try account(["PRIME_CONTEXT": "bare"], toml: "[prime]\ncontext = \"work\"\nteam = \"t\"")
        == bare)
    #expect(try account(toml: "[prime]\ncontext = \"work\"\nteam = \"t\"").team == "t")
  }

  @Test(arguments: ["production", "Production", "PRODUCTION"])
  func productionIsTheDefaultAndNoTeam(_ name: String) throws {
    #expect(
      try account(["PRIME_CONTEXT": name], toml: "[prime]\nbase_url = \"https://toml\"")
        == Account(key: "own", team: nil, url: "https://api.primeintellect.ai"))
  }

  @Test func aContextComesBeforeWhatIsStoredAndAfterTheEnvironment() throws {
    try home.write("[prime]\napi_key = \"stored\"\n", to: ".config/sshproxy/credentials.toml")
    #expect(try account().key == "stored")
    #expect(try account(["PRIME_CONTEXT": "work"]).key == "work")
    let environment = [
      "PRIME_CONTEXT": "work", "PRIME_API_KEY": "env", "PRIME_TEAM_ID": "t-env",
      "PRIME_API_BASE_URL": "https://env/api/v1",
    ]
    #expect(try account(environment) == Account(key: "env", team: "t-env", url: "https://env"))
  }

  /// Never another account, whatever else is there.
  @Test(arguments: ["gone", "../work", "a.b", "a b", "é", "broken", "list", "number"])
  func aContextThatCannotBeUsedIsAnError(_ name: String) throws {
    try home.write("{", to: ".prime/environments/broken.json")
    try home.write("[]", to: ".prime/environments/list.json")
    try home.write(#"{"api_key": 3}"#, to: ".prime/environments/number.json")
    for environment in [[:], ["PRIME_API_KEY": "env", "PRIME_API_BASE_URL": "https://env"]] {
      let configuration = try home.configuration(
        "", environment: environment.merging(["PRIME_CONTEXT": name]) { $1 })
      for attempt: () throws -> Any in [
        { try configuration.keySource(of: .prime) }, { try configuration.baseURL(of: .prime) },
        { try configuration.scope(of: .prime) as Any },
        { try configuration.target(for: Alias("sb1.prime")) },
      ] {
        let failure = failure { try attempt() }
        #expect(failure?.kind == .configuration)
      }
      // The other vendors have no part in it.
      #expect(try configuration.target(for: Alias("dm-a.dedalus")).id == "dm-a")
    }
  }

  @Test(arguments: [0o664, 0o646])
  func aContextThatOthersCanWriteIsRefused(_ mode: Int) throws {
    try home.write(#"{"api_key": "k"}"#, to: ".prime/environments/work.json", mode: mode)
    let failure = failure { try account(["PRIME_CONTEXT": "work"]) }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.hasSuffix("others can write it") == true)
  }

  @Test(arguments: ["team = \"a b\"", "team = \"\"", "context = \"a/b\"", "context = \"\""])
  func wordsThatCannotBeUsedNameTheirLine(_ line: String) throws {
    let failure = failure { try home.configuration("[prime]\n\(line)") }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.hasPrefix("config.toml line 2: ") == true, "\(failure?.message ?? "")")
  }

  @Test func saysWhichItIsAndWhy() throws {
    func text(_ environment: [String: String] = [:]) throws -> String {
      try home.configuration(environment: environment).scope(of: .prime)?.text ?? "none"
    }
    #expect(try text().hasPrefix("team t-own (\(home.path)"))
    #expect(try text(["PRIME_TEAM_ID": ""]) == "personal scope (PRIME_TEAM_ID)")
    #expect(
      try text(["PRIME_TEAM_ID": "t", "PRIME_CONTEXT": "production"])
        == "team t (PRIME_TEAM_ID), context production (PRIME_CONTEXT)")
  }
}
