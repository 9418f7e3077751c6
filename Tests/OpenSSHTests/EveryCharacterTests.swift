import Foundation
import OpenSSH
import Testing

/// Whatever may be written, every ssh reads: one line that an ssh refuses would stop it for every host.
@Suite struct EveryCharacterTests {
  /// `scripts/matrix` names each of its versions here.
  private static let ssh = ProcessInfo.processInfo.environment["SSHPROXY_SSH"] ?? "ssh"

  /// All of ASCII, and of the rest what looks like a blank, a quote, a line end or nothing.
  private static let characters =
    (0...127).compactMap { Unicode.Scalar(UInt8($0)) }
    + [
      "\u{80}", "\u{85}", "\u{a0}", "\u{ad}", "é", "ß", "\u{202e}", "\u{2028}", "\u{3000}",
      "\u{feff}", "\u{201c}", "\u{ff1d}", "\u{1f600}", "\u{10ffff}",
    ]

  /// Values of every form that a keyword takes.
  private static func seeds(_ keyword: Setting.Keyword) -> [String] {
    switch keyword {
    case .hostName: ["ab.c", "10.0.0.7", "fe80::1"]
    case .port: ["2222"]
    case .user: ["ab"]
    case .hostKeyAlias: ["ab", "[ab.c]:22", "[::1]:2222"]
    case .identityFile, .certificateFile, .userKnownHostsFile, .globalKnownHostsFile:
      ["/ab/c", "/a b/%c"]
    case .controlPath: ["/ab/c", "/a b/%c", Setting.unshared]
    case .identitiesOnly, .addKeysToAgent, .verifyHostKeyDNS, .updateHostKeys, .proxyUseFdpass,
      .pubkeyAuthentication:
      ["yes", "no"]
    case .strictHostKeyChecking: ["yes", "accept-new"]
    case .preferredAuthentications: ["publickey,ab"]
    case .hostKeyAlgorithms, .caSignatureAlgorithms, .pubkeyAcceptedKeyTypes:
      ["ssh-ed25519", "rsa-sha2-512,rsa-sha2-256"]
    case .controlMaster: ["auto"]
    case .controlPersist: ["10", "2147483647"]
    case .ciphers: [Setting.fastCipher]
    case .proxyCommand:
      ["to", "behind"].map { word in
        "'/a b/%%c' --home '/h' --state '/s' connect --fdpass --only-\(word) '[::1]:22' 'ab'"
      } + ["'/ab/c' connect --fdpass --prepared '%n'"]
    case .proxyJump: ["none", "a@b:2,c", "[::1]:22"]
    case .connectTimeout, .serverAliveInterval, .serverAliveCountMax: ["10", "0", "2147483647"]
    }
  }

  /// The texts with one character more, or another one, at each place.
  private static func variations(_ seeds: [String]) -> Set<String> {
    var result = Set(seeds)
    for seed in seeds {
      let scalars = Array(seed.unicodeScalars)
      for place in 0...scalars.count {
        for character in characters {
          let (head, tail) = (scalars[..<place], scalars[place...])
          for rest in [tail, tail.dropFirst()] {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: head)
            text.append(character)
            text.append(contentsOf: rest)
            result.insert(String(text))
          }
        }
      }
    }
    return result
  }

  private static func unrelated(_ bench: Workbench, _ file: String) throws -> Workbench.Output {
    try bench.run(ssh, "-G", "-F", file, "unrelated.example")
  }

  @Test(arguments: Setting.Keyword.allCases)
  func isReadInAValue(of keyword: Setting.Keyword) throws {
    let settings = Self.variations(Self.seeds(keyword)).sorted().map { Setting(keyword, $0) }
      .filter { (try? $0.arguments()) != nil }
    #expect(settings.count >= Self.seeds(keyword).count)
    let blocks = settings.enumerated().map { number, setting in
      ClientConfiguration.Block(alias: "host\(number).prime", settings: [setting])
    }
    try expectHarmless(blocks)
  }

  @Test func isReadInAnAlias() throws {
    let blocks = Self.variations(["ab.c"]).sorted()
      .map { ClientConfiguration.Block(alias: $0, settings: [Setting(.user, "a")]) }
      .filter { (try? ClientConfiguration.render([$0])) != nil }
    #expect(blocks.count > 100)
    try expectHarmless(blocks)
  }

  private func expectHarmless(_ blocks: [ClientConfiguration.Block]) throws {
    let bench = try Workbench()
    let text = try ClientConfiguration.render(blocks)
    #expect(try ClientConfiguration.check(text) == blocks)
    try bench.write("config", text)
    let without = try Self.unrelated(bench, "none")
    let with = try Self.unrelated(bench, "config")
    #expect(without.status == 0 && with.status == 0, "\(with.text.prefix(1000))")
    #expect(with.text == without.text)
  }
}
