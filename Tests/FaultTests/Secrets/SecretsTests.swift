import Foundation
import SystemIO
import TestSupport
import Testing

/// Where the keys and tokens of a run are found, and where they must not be.
@Suite struct SecretsTests {
  /// One login to each provider, one `exec`, a key's command, a command as provider, and a refusal;
  /// with every word that they say, every file that they leave, every process that they start.
  @Test func nowhereButWhereTheyBelong() async throws {
    try await Gate.shared.run(places: 2) {
      let scene = try SecretScene()
      let sampler = Sampler(home: scene.testHome.home.path)
      try scene.logIn()
      try scene.askCommands()
      try scene.beRefused()
      let sightings = sampler.stop()

      let tokens = scene.tokens
      #expect(tokens.count >= 1 && tokens.allSatisfy { $0.count >= 16 }, "\(tokens)")
      let logins = try scene.testHome.home.secretLogins
      #expect(logins.count == 1 && logins.allSatisfy { $0.count == 32 }, "\(logins)")
      let secrets = Array(scene.keys.values) + tokens + logins + scene.privateKeyLines
      for said in scene.said {
        for secret in secrets { #expect(!said.contains(secret), "\(said.prefix(1000))") }
      }
      scene.expectFiles(secrets: secrets, tokens: tokens, logins: logins)
      expectProcesses(sightings, secrets: secrets, tokens: tokens + logins)
      for login in logins { try scene.revoke(login) }
      for said in scene.said { for login in logins { #expect(!said.contains(login), "\(said)") } }
    }
  }

  private func expectProcesses(
    _ sightings: Set<HomeProcess>, secrets: [String], tokens: [String]
  ) {
    let programs = Set(sightings.map(\.program))
    #expect(programs.isSuperset(of: ["sshproxy", "sshproxy-session", "ssh"]), "\(programs)")
    for sighting in sightings {
      let line = sighting.words.joined(separator: " ")
      for secret in secrets { #expect(!line.contains(secret), "\(line)") }
      let environment = sighting.environment.joined(separator: " ")
      for token in tokens { #expect(!environment.contains(token), "\(line)") }
    }
  }

  /// What they are given, written down by themselves.
  @Test(arguments: ["key-command", "my-cloud", "ssh-keyscan"])
  func childrenGetNoKey(_ child: String) async throws {
    try await Gate.shared.run(places: 2) {
      let scene = try SecretScene()
      if child == "ssh-keyscan" { try scene.execute() } else { try scene.askCommands() }
      let given = try #require(scene.testHome.home.read("given-\(child)"))
      for key in scene.keys.values { #expect(!given.contains(key), "\(child)") }
      // No descriptor but the three; `ls` has opened the folder that it lists.
      let numbers = given.split(separator: "\n").filter { $0.hasPrefix("fd ") }
        .flatMap { $0.dropFirst(3).split(separator: " ") }.compactMap { Int($0) }
      #expect(numbers.starts(with: [0, 1, 2]) && numbers.count <= 4, "\(child): \(numbers)")
    }
  }

  /// libcurl says what it cannot read.
  @Test(arguments: [
    "http://user:5ecret word@127.0.0.1:1", "bogus://user:5ecret@127.0.0.1:1",
    "http://user:5ecret@[::1", "user:5ecret@[::1", "http://user:'5ecret'@[::1",
  ])
  func aProxysPasswordIsNotShown(_ proxy: String) async throws {
    try await Gate.shared.run {
      let testHome = try FaultHome()
      testHome.environment["HTTPS_PROXY"] = proxy
      testHome.environment["PRIME_API_BASE_URL"] = "https://api.fault.example"
      let ending = try testHome.run(["-v", "prepare", "sb1.prime"])
      #expect(ending.status == 75 && ending.errors.contains("proxy"), "\(ending)")
      #expect(!ending.errors.contains("5ecret"), "\(ending)")
      let failure = testHome.home.read("\(FaultHome.state)/sessions/sb1.prime/lock") ?? ""
      #expect(failure.contains("proxy") && !failure.contains("5ecret"), "\(failure)")
    }
  }

  /// How a server may spell a text in JSON.
  private static let spellings: [@Sendable (String) -> String] = [
    { $0 },
    { text in text.unicodeScalars.map { JSONText.escape($0) }.joined() },
    { text in JSONText.escape(text.unicodeScalars.first ?? " ") + text.dropFirst() },
    { $0.replacing("/", with: "\\/") },
  ]

  /// A provider may send any key back in its error message: the request's own, or another vendor's that
  /// it has learnt of, as it likes to spell it.
  @Test(
    arguments: [
      Call.primeCreate, .primeAuthorize, .dedalusCreate, .dedalusPoll, .tensorpoolAsk, .daytonaAsk,
      .daytonaAccess,
    ]
      + CloudAnswer.calls)
  func aKeyThatIsSentBackIsNotShown(_ call: Call) async throws {
    try await Gate.shared.run {
      let testHome = try FaultHome()
      let token = "gwt_0123456789abcdef"
      testHome.environment["DEDALUS_X_API_KEY"] = "dsk-x/5c0ffee5ecret"
      // In hand, but not used in this run.
      testHome.environment["DEDALUS_API_KEY"] = nil
      try testHome.home.write(
        "[tensorpool]\napi_key = \"tp-5tored/5ecret\"\n", to: ".config/sshproxy/credentials.toml",
        mode: 0o600)
      let keys =
        ["PRIME_API_KEY", "TENSORPOOL_KEY"].compactMap { FaultHome.keys[$0] }
        + [CloudAnswer.key, CloudAnswer.describedKey]
        + ["dsk-x/5c0ffee5ecret", "tp-5tored/5ecret"] + (call == .primeAuthorize ? [token] : [])
      for (index, spelled) in Self.spellings.enumerated() {
        for status in [400, 401, 422] {
          testHome.wipe()
          testHome.provider.setFault { current, _, _ in
            guard current == call else { return nil }
            let text = keys.map(spelled).joined(separator: " ")
            return Reply(
              status, #"{"detail":"unknown key \#(text)","message":"unknown key \#(text)"}"#)
          }
          let end = try testHome.run(["-v", "prepare", call.alias])
          #expect(end.status == (status == 401 ? 77 : 69), "\(end)")
          #expect(end.errors.contains("unknown key *** ***"), "\(end)")
          let said = end.output + end.errors
          for key in keys { #expect(!said.contains(key), "\(index): \(end)") }
          // The failure that is remembered for those who waited, above all.
          let names = try FileManager.default.subpathsOfDirectory(atPath: testHome.home.path)
          #expect(names.contains { $0.hasSuffix("/lock") })
          for name in names where !name.hasSuffix(".toml") {
            let text = testHome.home.read(name) ?? ""
            for key in keys { #expect(!text.contains(key), "\(index): \(name)") }
          }
        }
      }
    }
  }

  /// libcurl and OpenSSL would write the keys of each connection there, for whoever has its bytes.
  @Test func theKeysOfTLSAreNotWrittenDown() async throws {
    try await Gate.shared.run {
      let testHome = try FaultHome()
      let front = try TLSFront(.good, target: testHome.provider.server.port)
      testHome.environment["SSL_CERT_FILE"] = front.authority
      testHome.environment["TENSORPOOL_ENGINE"] = "https://localhost:\(front.port)"
      testHome.environment["SSLKEYLOGFILE"] = testHome.home.path(of: "keys")
      try testHome.configure("[tensorpool]\nallow_local = true\n")
      let end = try testHome.run(["prepare", "node1.tensorpool"])
      #expect(end.status == 0, "\(end)")
      #expect(!testHome.home.exists("keys"))
    }
  }

  /// Nor by a handler that heeds no limit (core(5), a `core_pattern` that is a pipe), nor by another
  /// program of the user's: then /proc shows the process as root's. As an ordinary user, whom
  /// that would keep from what the program needs of /proc itself.
  @Test(.enabled(if: OrdinaryUser.canRunPrograms, "only root can become another user"))
  func memoryCannotBeDumped() async throws {
    try await Gate.shared.run {
      let testHome = try FaultHome(deadline: 20)
      let user = OrdinaryUser.identifier
      for name in try FileManager.default.subpathsOfDirectory(atPath: testHome.home.path) + ["."] {
        lchown(testHome.home.path(of: name), user, user)
      }
      testHome.provider.setFault { _, _, _ in Reply(raw: "", .silent) }
      let run = try testHome.startAsOrdinaryUser(["prepare", "sb1.prime"])
      let isAsked = eventually { testHome.provider.count(of: .primeCreate) > 0 }
      #expect(isAsked)
      var status = stat()
      stat("/proc/\(run.identifier)/mem", &status)
      #expect(status.st_uid == 0)
      let lines = try String(contentsOfFile: "/proc/\(run.identifier)/status", encoding: .utf8)
      #expect(lines.contains("Uid:\t\(user)\t"))
      run.signal(SIGKILL)
      _ = run.end()
      testHome.heal()
      for command in ["prepare", "connect", "close"] {
        let end = try testHome.startAsOrdinaryUser([command, "sb1.prime"]).end()
        #expect(end.status == 0 && end.errors == "", "\(command): \(end)")
      }
    }
  }

  @Test func coreDumpsAreOffWhileAKeyIsInMemory() async throws {
    try await Gate.shared.run {
      let testHome = try FaultHome(deadline: 20)
      testHome.provider.setFault { _, _, _ in Reply(raw: "", .silent) }
      let run = try testHome.start(["prepare", "sb1.prime"])
      let isAsked = eventually { testHome.provider.count(of: .primeCreate) > 0 }
      #expect(isAsked)
      let limits = try String(contentsOfFile: "/proc/\(run.identifier)/limits", encoding: .utf8)
      let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
      #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(core ?? "")")
      run.signal(SIGKILL)
      _ = run.end()
    }
  }
}
