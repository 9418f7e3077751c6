import Configuration
import Foundation
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@Suite struct ConfigurationLoadTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  @Test func needsNoFile() throws {
    let configuration = try home.configuration()
    #expect(configuration.connection.deadline == 120)
    #expect(configuration.connection.maxLife == 3600)
    #expect(configuration.aliasPatterns.disjoint == ["*.prime", "*.dedalus", "*.tensorpool"])
    #expect(
      try configuration.target(for: Alias("SB1.prime"))
        == Target(
          alias: Alias("sb1.prime"), id: "sb1",
          settings: .vendor(
            VendorSettings(
              .prime, baseURL: "https://api.primeintellect.ai", options: ["ttl": .number(900)]))))
    #expect(
      try configuration.target(for: Alias("dm-abc.dedalus")).settings
        == .vendor(
          VendorSettings(.dedalus, baseURL: "https://dcs.dedaluslabs.ai", decisive: [""])))
    #expect(
      try configuration.target(for: Alias("node.1.tensorpool"))
        == Target(
          alias: Alias("node.1.tensorpool"), id: "node.1",
          settings: .vendor(
            VendorSettings(.tensorpool, baseURL: "https://engine.tensorpool.dev"))))
  }

  @Test func readsEveryKey() throws {
    let configuration = try home.configuration(
      """
      [prime]
      api_key_command = "op read op://work/prime/key"
      base_url = "https://prime.example/api/v1/"
      ttl = 3_600
      suffix = "PI"

      [dedalus]
      organization = "org-1"
      route = "jump"
      jump_target = "localhost:2200"
      base_url = "http://127.0.0.1:8080"

      [hosts.Train]
      provider = "dedalus"
      id = "dm-abc"
      route = "direct"

      [hosts.lab]
      provider = "static"
      host = "10.0.0.7"
      port = 2222

      [hosts."box.prime"]
      provider = "prime"
      id = "Box_1"

      [hosts.mine]
      provider = "command"
      command = ["my-cloud", "ssh-session"]
      id = "i-42"

      [connection]
      deadline = 7
      """, mode: 0o644)
    #expect(configuration.connection.deadline == 7)
    #expect(
      configuration.aliasPatterns.disjoint
        == [
          "*.pi", "*.dedalus", "*.tensorpool", "*.prime-pod", "box.prime", "lab", "mine", "train",
        ])
    func target(_ alias: String) throws -> Target { try configuration.target(for: Alias(alias)) }
    #expect(
      try target("a.pi").settings
        == .vendor(
          VendorSettings(
            .prime, baseURL: "https://prime.example", options: ["ttl": .number(3600)])))
    let dedalus = Target.Settings.vendor(
      VendorSettings(
        .dedalus, baseURL: "http://127.0.0.1:8080", options: ["organization": .text("org-1")],
        decisive: ["org-1"]))
    #expect(
      try target("train")
        == Target(alias: Alias("train"), id: "dm-abc", settings: dedalus, route: .direct))
    #expect(
      try target("dm-x.dedalus").route == .jump(to: HostAndPort(host: "localhost", port: 2200)))
    #expect(try target("LAB").settings == .static(host: "10.0.0.7", port: 2222))
    #expect(try target("mine").settings == .command(["my-cloud", "ssh-session"]))
    #expect(try target("mine").id == "i-42")
    #expect(try target("box.prime").id == "Box_1")
  }

  @Test(arguments: [
    ("[prime]\nsuffix = \"p\"\n\n\n\napi_kye = \"k\"\n", "line 6", "did you mean \"api_key\"?"),
    ("# x\n[primee]\n", "line 2", "did you mean \"prime\"?"),
    ("\ndeadline = 3\n", "line 2", "unknown table or key \"deadline\""),
    ("[tensorpool]\nttl = 5", "line 2", "unknown key \"ttl\" in [tensorpool]"),
    ("[prime]\norganization = \"x\"", "line 2", "in [prime]"),
    ("[connection]\n\ndeadlin = 3", "line 3", "did you mean \"deadline\"?"),
    ("[connection]\ndeadline = 0", "line 2", "0, not 1 to 3600"),
    ("[connection]\ndeadline = 3601", "line 2", "3601, not 1 to 3600"),
    ("[connection]\ndeadline = \"3\"", "line 2", "wants an integer, not a string"),
    ("[connection]\ndeadline = 3.0", "line 2", "a whole number"),
    ("[connection]\nmax_life = 59", "line 2", "59, not 60 to 86400"),
    ("[connection]\nmax_life = 86401", "line 2", "86401, not 60 to 86400"),
    ("connection = 3", "line 1", "wants a table, not an integer"),
    ("connection.deadline = 9999", "line 1", "9999"),
    ("prime = { ttl = 1,\n suffix = 3 }", "line 1", "not TOML"),
    ("[prime]\nttl = 3601", "line 2", "3601"),
    ("[prime]\nallow_local = 1", "line 2", "true or false"),
    (
      "[hosts.a]\nprovider = \"command\"\ncommand = [\"x\"]\nallow_local = true", "line 4",
      "unknown key"
    ),
    ("[prime]\nttl = 99999999999999999999999", "line 2", "not TOML"),
    ("[prime]\nsuffix = \"a b\"", "line 2", "cannot be used"),
    ("[prime]\nsuffix = \"\"", "line 2", "is empty"),
    ("\n[prime]\nsuffix = \"Dedalus\"", "line 3", "share the suffix \"dedalus\""),
    ("[prime]\nbase_url = \"http://example.com\"", "line 2", "unencrypted"),
    ("[prime]\nbase_url = \"http://localhost.evil.com\"", "line 2", "unencrypted"),
    ("[prime]\nbase_url = \"http://127.0.0.1@evil.com\"", "line 2", "user name"),
    ("[prime]\nbase_url = \"ftp://x\"", "line 2", "https://"),
    ("[prime]\nbase_url = \"https://x/?q\"", "line 2", "query"),
    ("[prime]\nbase_url = \"https://x/../y\"", "line 2", "dot"),
    ("[prime]\nbase_url = \"https://\"", "line 2", "no host"),
    ("[prime]\nbase_url = \"https://x:0\"", "line 2", "no host"),
    ("[dedalus]\nroute = \"fast\"", "line 2", "not \"direct\" or \"jump\""),
    ("[dedalus]\njump_target = \"x:1\"", "line 2", "no effect"),
    ("[dedalus]\nroute = \"direct\"\njump_target = \"x:1\"", "line 3", "no effect"),
    ("[dedalus]\nroute = \"jump\"\njump_target = \"x\"", "line 3", "not HOST:PORT"),
    ("[dedalus]\norganization = \"a\\nb\"", "line 2", "cannot be an organization"),
    ("[prime]\n\napi_key = 'k'\napi_key_command = 'c'", "line 4", "both"),
    ("[prime]\napi_key = \"a b\"", "line 2", "space"),
    ("[hosts.connect]\nprovider = \"static\"\nhost = \"x\"", "line 1", "command of sshproxy"),
    ("[hosts.Help]\nprovider = \"static\"\nhost = \"x\"", "line 1", "command of sshproxy"),
    ("[hosts.\"a b\"]\nprovider = \"static\"\nhost = \"x\"", "line 1", "cannot be an alias"),
    ("[hosts.-x]\nprovider = \"static\"\nhost = \"x\"", "line 1", "begin"),
    ("[hosts.A]\nprovider='static'\nhost='x'\n[hosts.a]\nprovider='static'", "line 4", "twice"),
    ("[hosts.a.prime]\nprovider = 'prime'\nid = 'x'", "line 1", "needs quotes"),
    ("[hosts]\nlab = 3", "line 2", "wants a table"),
    ("\n[hosts.a]\nid = \"x\"", "line 2", "\"provider\" is missing in [hosts.a]"),
    ("[hosts.a]\nprovider = \"dedalous\"", "line 2", "did you mean \"dedalus\"?"),
    ("[hosts.a]\nprovider = \"dedalus\"", "line 1", "\"id\" is missing"),
    ("[hosts.a]\nprovider = \"dedalus\"\nid = \"DM-x\"", "line 3", "not the id"),
    ("[hosts.a]\nprovider = \"prime\"\nid = \"../x\"", "line 3", "cannot be an id"),
    ("[hosts.a]\nprovider = \"prime\"\nid = \"x\"\nhost = \"y\"", "line 4", "unknown key \"host\""),
    ("[hosts.a]\nprovider = \"static\"", "line 1", "\"host\" is missing"),
    ("[hosts.a]\nprovider = \"static\"\nid = \"x\"\nhost = \"y\"", "line 3", "unknown key \"id\""),
    ("[hosts.a]\nprovider = \"static\"\nhost = \"y:22\"", "line 3", "not a host name"),
    ("[hosts.a]\nprovider = \"static\"\nhost = \"y\"\nport = 65536", "line 4", "65536"),
    ("[hosts.a]\nprovider = \"command\"", "line 1", "\"command\" is missing"),
    ("[hosts.a]\nprovider = \"command\"\ncommand = []", "line 3", "names no program"),
    ("[hosts.a]\nprovider = \"command\"\ncommand = \"x\"", "line 3", "array of strings"),
    ("[hosts.a]\nprovider = \"command\"\ncommand = [\n\"x\", 3]", "line 3", "not an integer"),
    ("[prime]\nsuffix = \"a\"\nsuffix = \"b\"", "line 3", "not TOML"),
    ("[prime\n", "line 1", "not TOML"),
    ("[=", "line 1", "not TOML"), ("\n[[[a]]]", "line 2", "not TOML"),
    ("[.a]", "line 1", "not TOML"), ("[\na]", "line 1", "not TOML"),
    ("a = [\n}", "line 2", "not TOML"), ("a = [1, \u{a0}2]", "line 1", "not TOML"),
    ("a = { b = [}] }", "line 1", "not TOML"), ("a = [\u{7f}]", "line 1", "not TOML"),
    ("[prime]\nx = \"\\u0000\"", "line 2", "NUL"),
    ("[prime]\r\nx = \"\\u0000\"", "line 2", "NUL"),
    ("a = '''\n[prime]\n\nno = 1\n'''\n[prime]\nno = 2", "line 1", "\"a\""),
    ("[prime]\nsuffix = '''\nx'''\nno = 2", "line 4", "\"no\""),
    ("[prime] # [dedalus]\n# no = 1\n\"no\" = 2", "line 3", "\"no\""),
  ])
  func namesLineAndKey(_ toml: String, _ line: String, _ words: String) throws {
    let failure = failure { try home.configuration(toml) }
    #expect(failure?.kind == .configuration)
    let message = failure?.message ?? ""
    #expect(message.hasPrefix("config.toml \(line)") && message.contains(words), "\(message)")
    #expect(failure?.hint != nil)
  }

  @Test func refusesFilesThatAreNone() throws {
    let path = home.path(of: ".config/sshproxy/config.toml")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(failure { try home.configuration() }?.kind == .configuration)
    try FileManager.default.removeItem(atPath: path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(failure { try home.configuration() }?.kind == .configuration)
    unlink(path)
    #expect(failure { try home.configuration("[prime]\n", mode: 0o622) }?.kind == .configuration)
    let large = String(repeating: "# comment\n", count: 110_000)
    #expect(failure { try home.configuration(large) }?.message.contains("256 KiB") == true)
    try home.write([0x23, 0xff, 0x0a], to: ".config/sshproxy/config.toml")
    #expect(failure { try home.configuration() }?.message.contains("UTF-8") == true)
  }

  @Test func keepsAFileWithAKeyPrivate() throws {
    let toml = "[prime]\napi_key = \"secret-key\"\n"
    let failure = failure { try home.configuration(toml, mode: 0o644) }
    #expect(failure?.kind == .configuration)
    #expect(failure?.hint?.hasPrefix("chmod 600") == true)
    #expect(failure?.message.contains("secret-key") == false)
    #expect(try home.configuration(toml, mode: 0o600).aliasPatterns.disjoint.count == 4)
  }

  @Test func saysWhatAnUnknownAliasCouldBe() throws {
    let configuration = try home.configuration(
      "[hosts.train]\nprovider = \"static\"\nhost = \"x\"\n[tensorpool]\nsuffix = \"tp\"")
    func hint(_ alias: String) -> String {
      let failure = failure { try configuration.target(for: Alias(alias)) }
      #expect(failure?.kind == .notFound)
      return failure?.hint ?? ""
    }
    #expect(hint("trian").hasPrefix("did you mean train?"))
    #expect(hint("sb1.prmie").hasPrefix("did you mean sb1.prime?"))
    #expect(hint("github.com").contains("NAME.prime, NAME.dedalus, NAME.tp"))
    #expect(hint("github.com").contains(home.path + "/.config/sshproxy/config.toml"))
    #expect(!hint("node.tensorpool").isEmpty)
    #expect(!hint("prime").isEmpty)
  }

  @Test(arguments: ["abc.dedalus", "dm-.dedalus", "dm-a_b.dedalus", "dm-a.b.dedalus", "a-.prime"])
  func refusesIdsThatTheProviderCannotHave(_ alias: String) throws {
    let configuration = try home.configuration()
    #expect(failure { try configuration.target(for: Alias(alias)) }?.kind == .usage)
  }

  @Test func prefersTheLongerSuffix() throws {
    let configuration = try home.configuration("[dedalus]\nsuffix = \"my.prime\"")
    #expect(try configuration.target(for: Alias("dm-a.my.prime")).provider == .dedalus)
    #expect(try configuration.target(for: Alias("a.prime")).provider == .prime)
  }

  /// What the store would refuse later: forms that some programs take for an address, and names that are
  /// no host names.
  @Test(arguments: ["127.1", "0x7f.1", "2130706433", "my_host", "h..x", "01.2.3.4", "a:b"])
  func refusesHostsThatReadersDisagreeOn(_ host: String) throws {
    let home = try TemporaryDirectory()
    let toml = "[hosts.lab]\nprovider = \"static\"\nhost = \"\(host)\"\n"
    let failure = failure { try home.configuration(toml) }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains("line 3") == true, "\(failure?.message ?? "")")
  }
}
