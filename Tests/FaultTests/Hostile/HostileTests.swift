import Foundation
import TestSupport
import Testing

/// Every hostile text in every field: none reaches the disk, a shell, ssh's configuration or the
/// terminal.
@Suite struct HostileTests {
  @Test(arguments: HostileField.all)
  func field(_ field: HostileField) async throws {
    try await Gate.shared.run {
      let scene = try HostileScene(deadline: ["status", "state"].contains(field.name) ? 1 : 3)
      for text in HostileStrings(pwned: scene.pwned).all { try scene.try(text, in: field) }
    }
  }

  /// Commands that ssh would take as something else than a destination, and the real ssh after it.
  @Test func tensorPoolCommandsWithTheRealSSH() async throws {
    try await Gate.shared.run {
      let scene = try HostileScene()
      for command in HostileCommands(pwned: scene.pwned).all {
        try scene.try(HostileStrings.json(command), in: HostileCommands.field)
        let end = try scene.ssh(["node1.tensorpool", "true"])
        #expect(end.status == 255, "\(command): \(end)")
        scene.expectUnharmed("\(command): \(end)")
      }
    }
  }

  @Test func thereAreEnough() {
    #expect(HostileStrings(pwned: "x").all.count >= 50)
    #expect(HostileField.all.count >= 35)
    #expect(HostileCommands(pwned: "x").all.count >= 40)
  }
}

/// A home with ssh set up, and what must not change in it.
final class HostileScene {
  let testHome: FaultHome
  let pwned: String
  /// What ssh makes of a host that is none of ours.
  private var before = ""

  init(deadline: Int = 3) throws {
    testHome = try FaultHome(deadline: deadline)
    pwned = testHome.home.path(of: "pwned-\(HostileStrings.mark)")
    try testHome.home.write("Host *\n  User me\n  BatchMode yes\n", to: ".ssh/config")
    let setup = try testHome.run(["setup", "--ssh-config", testHome.home.path(of: ".ssh/config")])
    guard setup.status == 0 else { throw Unexpected("setup: \(setup)") }
    _ = try testHome.prepare("node1.tensorpool")
    before = try configuration(of: "unrelated.example")
  }

  func ssh(_ words: [String]) throws -> ProgramEnd {
    let words = ["-F", testHome.home.path(of: ".ssh/config")] + words
    return try testHome.start(words, program: TestHome.ssh).end()
  }

  private func configuration(of host: String) throws -> String {
    let end = try ssh(["-G", host])
    guard end.status == 0, !end.output.isEmpty else { throw Unexpected("ssh -G \(host): \(end)") }
    return end.output
  }

  func `try`(_ text: [UInt8], in field: HostileField) throws {
    testHome.wipe()
    testHome.provider.forgetRequests()
    testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
      call == field.call ? field.reply(provider, request, text) : nil
    }
    let shown = String(decoding: text.prefix(80), as: UTF8.self)
    let ending = try testHome.prepare(field.call.alias)
    let place = Comment(rawValue: "\(field.testDescription), \(shown): \(ending)")
    #expect([0, 65, 68, 69, 75, 77].contains(ending.status), place)
    #expect(ending.output.isEmpty, place)
    expectPlain(ending.errors, place)
    expectNoMark(field, place)
    expectUnharmed(place)
  }

  /// What a terminal gets is text in lines, short, and moves no cursor.
  private func expectPlain(_ errors: String, _ place: Comment) {
    #expect(errors.utf8.count <= 2000, place)
    let lines = errors.split(separator: "\n")
    #expect(lines.count <= 2 && lines.allSatisfy { $0.hasPrefix("sshproxy: ") }, place)
    let hasHidden = errors.unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x0a: false
      case 0..<0x20, 0x7f..<0xa0, 0xad, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff,
        0xe0000...0xe0fff:
        true
      default: false
      }
    }
    #expect(!hasHidden, place)
  }

  private func expectNoMark(_ field: HostileField, _ place: Comment) {
    let mark = Data(HostileStrings.mark.utf8)
    let home = testHome.home.path
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: home)) ?? [] {
      #expect(!name.contains(HostileStrings.mark), place)
      let isProviderState = name.hasSuffix("/session.json")
      // What a refusal said stands in the lock file for those who waited, as it may be shown.
      let isLastFailure = name.hasSuffix("/lock")
      guard let bytes = FileManager.default.contents(atPath: "\(home)/\(name)") else { continue }
      if isLastFailure { expectPlainFailure(bytes, place) }
      guard !isLastFailure, !(isProviderState && field.isProviderState) else { continue }
      #expect(bytes.range(of: mark) == nil, "\(place.rawValue): \(name)")
    }
  }

  private func expectPlainFailure(_ bytes: Data, _ place: Comment) {
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.split(separator: "\n").count <= 5, place)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }, place)
  }

  func expectUnharmed(_ place: Comment) {
    #expect(!FileManager.default.fileExists(atPath: pwned), place)
    let after = try? configuration(of: "unrelated.example")
    #expect(after == before, place)
    let requests = testHome.provider.allRequests.map(\.path)
    #expect(requests.allSatisfy { !$0.contains("/../") && !$0.hasSuffix("/..") }, place)
  }
}
