import Foundation
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration

/// What a vendor's row says, for a vendor that nobody built in.
@Suite struct VendorFactsTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private static let odd = VendorFacts(
    "odd", title: "Odd", suffix: "o",
    keys: [.init("ODD_KEY", header: .named("X-Variable"))], keyHeader: .named("X-Odd"),
    baseURL: "https://odd.example/v1", baseURLVariables: ["ODD_URL"], droppedPath: "/v1",
    options: [
      VendorOption("size", .number(1...9, usual: 3), about: ""),
      VendorOption(
        "zone", VendorOption.word("a zone"), variable: "ODD_ZONE", isPartOfTarget: true, about: ""),
    ],
    machineID: .init("an Odd machine", hint: "begins with o", allows: { $0.hasPrefix("o") }),
    hasNames: false,
    client: VendorClient(
      files: { [$0.files.home + "/.odd"] },
      usual: { (sources) throws(Failure) in
        guard let file = try sources.read(sources.files.home + "/.odd", .secret) else {
          return nil
        }
        return .init(origin: file.path, apiKey: file.text, baseURL: nil)
      }))

  private func configuration(
    _ toml: String = "", _ environment: [String: String] = [:]
  ) throws -> Configuration {
    try home.configuration(toml, environment: environment, vendors: [Self.odd])
  }

  private func header(_ configuration: Configuration) throws -> APIKey.Header? {
    guard case .value(let key) = try configuration.keySource(of: Self.odd.kind) else { return nil }
    return key.header
  }

  /// Wherever the key is from, it is sent as the vendor wants it.
  @Test func everyKeyHasTheVendorsHeader() throws {
    #expect(try header(configuration()) == nil)
    try home.write("key-of-the-client", to: ".odd", mode: 0o600)
    #expect(try header(configuration()) == .named("X-Odd"))
    #expect(try header(configuration("[odd]\napi_key = \"k\"\n")) == .named("X-Odd"))
    let key = try APIKey("stored", origin: "x", header: .bearer)
    try configuration().store(key, of: Self.odd.kind, caller: .nobody)
    #expect(try header(configuration()) == .named("X-Odd"))
    #expect(try header(configuration("", ["ODD_KEY": "k"])) == .named("X-Variable"))
    #expect(try configuration("", ["ODD_KEY": "k"]).keyVariables == ["ODD_KEY"])
    #expect(
      Set(try configuration("[odd]\napi_key = \"k\"\n", ["ODD_KEY": "v"]).allKeys)
        == ["v", "key-of-the-client", "stored", "k"])
  }

  @Test func optionsComeFromVariableTableAndDefault() throws {
    func settings(_ toml: String, _ zone: String = "") throws -> VendorSettings {
      try configuration(toml, ["ODD_ZONE": zone]).settings(of: Self.odd.kind)
    }
    func size(_ toml: String) throws -> Int { try settings(toml).number("size") }
    #expect(try size("") == 3)
    #expect(try size("[odd]\nsize = 5\n") == 5)
    #expect(failure { try settings("").number("zone") }?.kind == .internalError)
    #expect(try settings("").text("zone") == nil)
    #expect(try settings("[odd]\nzone = \"a\"\n").text("zone") == "a")
    #expect(try settings("[odd]\nzone = \"a\"\n", "b").text("zone") == "b")
    let wrong = failure { try settings("", "two words") }
    #expect(wrong?.kind == .configuration && wrong?.step == "read ODD_ZONE")
    let late = failure { try size("[odd]\n\nsize = 10\n") as Any }
    #expect(late?.message.hasPrefix("config.toml line 3: ") == true, "\(late?.message ?? "")")
  }

  @Test func whatIsPartOfTheTargetMakesAnotherOne() throws {
    func meaning(_ toml: String) throws -> String {
      try configuration(toml).target(for: Alias("o1.o")).meaning
    }
    #expect(try meaning("") == meaning("[odd]\nsize = 5\n"))
    #expect(try meaning("") != meaning("[odd]\nzone = \"a\"\n"))
    #expect(try meaning("[odd]\nzone = \"b\"\n") != meaning("[odd]\nzone = \"a\"\n"))
  }

  @Test func theRowsFormOfIdsAndURLsCounts() throws {
    #expect(try configuration().baseURL(of: Self.odd.kind) == "https://odd.example")
    let alias = failure { try configuration().target(for: Alias("x1.o")) }
    #expect(alias?.kind == .usage && alias?.hint == "begins with o")
    let host = failure {
      try configuration("[hosts.a]\nprovider = \"odd\"\nid = \"x\"\n")
    }
    #expect(host?.message.contains("is not the id of an Odd machine") == true)
    let unknown = failure { try configuration("[prime]\n") }
    #expect(unknown?.message.contains("known are odd, providers, hosts, connection") == true)
    #expect(try configuration().clientFiles == [home.path + "/.odd"])
    #expect(try configuration().provider(named: "odd")?.isVendor == true)
    #expect(try configuration().provider(named: "prime") == nil)
  }

  /// Its hosts are the user's own until there is a sign that they have it.
  @Test func aSuffixIsClaimedOnceTheVendorIsUsed() throws {
    func patterns(_ toml: String = "", _ environment: [String: String] = [:]) throws -> [String] {
      try configuration(toml, environment).aliasPatterns.disjoint
    }
    #expect(try patterns() == [])
    #expect(try patterns("[connection]\ndeadline = 9\n") == [])
    #expect(try patterns("[odd]\n") == ["*.o"])
    #expect(try patterns("[odd]\nsuffix = \"p\"\n") == ["*.p"])
    #expect(try patterns("", ["ODD_KEY": "k"]) == ["*.o"])
    #expect(try patterns("", ["ODD_KEY": ""]) == [])
    // A key that cannot be used is there all the same.
    #expect(try patterns("", ["ODD_KEY": "two words"]) == ["*.o"])
    try home.write("key-of-the-client", to: ".odd", mode: 0o600)
    #expect(try patterns() == ["*.o"])
    try FileManager.default.removeItem(atPath: home.path(of: ".odd"))
    #expect(try patterns() == [])
    try configuration().store(
      try APIKey("stored", origin: "x", header: .bearer), of: Self.odd.kind, caller: .nobody)
    #expect(try patterns() == ["*.o"])
  }

  /// Another kind of machine of the same account: one key, one address, one place to store them.
  @Test func anAccountCanBeShared() throws {
    let pods = VendorFacts("odd-pod", title: "Odd pods", account: "odd")
    func shared(_ toml: String, _ environment: [String: String] = [:]) throws -> Configuration {
      try home.configuration(toml, environment: environment, vendors: [Self.odd, pods])
    }
    func key(_ configuration: Configuration) throws -> String? {
      guard case .value(let key) = try configuration.keySource(of: pods.kind) else { return nil }
      return key.reveal()
    }
    guard case .missing(let hint) = try shared("").keySource(of: pods.kind) else {
      Issue.record("a key from nowhere")
      return
    }
    #expect(hint.contains("`sshproxy login odd`"))
    #expect(try key(shared("[odd]\napi_key = \"k\"\n")) == "k")
    #expect(try key(shared("", ["ODD_KEY": "v"])) == "v")
    try shared("").store(APIKey("stored", origin: "x"), of: pods.kind, caller: .nobody)
    #expect(try key(shared("")) == "stored")
    let toml = "[odd]\nbase_url = \"https://elsewhere.example\"\n[odd-pod]\nsuffix = \"pod\"\n"
    let target = try shared(toml).target(for: Alias("o1.pod"))
    #expect(
      target.settings
        == .vendor(VendorSettings(pods.kind, baseURL: "https://elsewhere.example")))
    #expect(try shared("[odd]\nzone = \"z\"\n").sources(of: pods.kind).option("zone") == "z")
    let refused = failure { try shared("[odd-pod]\napi_key = \"k\"\n") }
    #expect(refused?.kind == .configuration)
  }
}
