import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Configuration
@testable import SSHSetup

/// `--remove` gives back the bytes that were there.
@Suite struct SetupRestoreTests {
  static let pieces = [
    "Host *\n", "Host *\r\n", "  User u\n", "\n", "\r\n", "\r", " ", "\t", "# Include x\n",
    "Include ~/.ssh/other\n", "include /etc/x", "Match all\n", "Host a", "ü\u{2028}\n", "\u{feff}",
    "Include /tmp/sshproxy.confx\n", "Include=\n", "\u{c}\n", "Include a /x/sshproxy.conf\n",
  ]

  /// A file of random pieces, the same for the same number.
  static func file(_ seed: Int) -> [UInt8] {
    var random = SeededGenerator(seed)
    return (0..<random.below(7)).flatMap { _ in
      Array(pieces[random.below(pieces.count)].utf8)
    }
  }

  @Test func editsAreUndoneAndIdempotent() throws {
    for path in ["/x/sshproxy.conf", "/home/a b/.ssh/sshproxy.conf"] {
      let include = try IncludeLine(path)
      for seed in 0..<20_000 {
        let file = Self.file(seed)
        let edited = include.added(to: file)
        #expect(include.removed(from: edited) == file, "\(seed)")
        #expect(include.added(to: edited) == edited, "\(seed)")
        #expect(edited.starts(with: include.text.utf8), "\(seed)")
        #expect(include.isFirst(in: edited) && !include.isPresent(in: file), "\(seed)")
      }
    }
  }

  @Test(arguments: [
    "Host a\nInclude /x/sshproxy.conf\n  User u\n",
    "Host a\n  INCLUDE=\"/x/sshproxy.conf\"  \n  User u\n",
    "Host a\n\tinclude = /x/sshproxy.conf\n  User u\nInclude /x/sshproxy.conf",
    "Include /x/sshproxy.conf\nHost a\n  User u\n Include /x/sshproxy.conf\n",
  ])
  func movesTheLineToTheTop(_ old: String) throws {
    let include = try IncludeLine("/x/sshproxy.conf")
    let edited = include.added(to: Array(old.utf8))
    #expect(
      String(decoding: edited, as: UTF8.self)
        == "Include /x/sshproxy.conf\nHost a\n  User u\n")
  }

  @Test func keepsALineWithoutItsEndApart() throws {
    let include = try IncludeLine("/x/sshproxy.conf")
    let bare = Array("Include /x/sshproxy.conf".utf8)
    #expect(include.added(to: bare) == bare + [0x0a])
  }

  @Test func restoresFilesOnTheDisk() throws {
    for (seed, mode) in zip(0..<120, [0o600, 0o644, 0o400, 0o640].cycled(120)) {
      let fixture = try SetupFixture()
      let file = Self.file(seed)
      try fixture.home.write(file, to: ".ssh/config", mode: mode)
      let setup = try fixture.setup()
      #expect(try setup.status() == .missing)
      #expect(try setup.apply().changed.count == 3)
      #expect(try setup.apply().changed.isEmpty)
      #expect(try setup.status() == .current)
      #expect(try setup.remove().count == 3)
      #expect(fixture.home.bytes(of: ".ssh/config") == file, "\(seed)")
      #expect(try fixture.home.mode(of: ".ssh/config") == mode)
      #expect(
        try FileManager.default.contentsOfDirectory(
          atPath: fixture.home.path(of: ".ssh")) == ["config"])
      #expect(try setup.remove().isEmpty)
    }
  }

  @Test func takesAwayAFileThatItMade() throws {
    let fixture = try SetupFixture()
    let setup = try fixture.setup()
    _ = try setup.apply()
    #expect(try fixture.home.mode(of: ".ssh") == 0o700)
    #expect(try fixture.home.mode(of: ".ssh/config") == 0o600)
    #expect(try setup.apply().changed.isEmpty)
    _ = try fixture.setup(fdpass: false).apply()
    _ = try setup.remove()
    #expect(fixture.home.read(".ssh/config") == nil)
    #expect(fixture.home.read(".ssh/sshproxy.conf") == nil)
    #expect(fixture.home.read(".ssh/sshproxy-match.conf") == nil)
  }

  @Test func keepsAFileThatItMadeWhenThereIsMoreInIt() throws {
    let fixture = try SetupFixture()
    _ = try fixture.setup().apply()
    let line = fixture.home.bytes(of: ".ssh/config") ?? []
    try fixture.home.write(line + Array("Host a\n".utf8), to: ".ssh/config")
    _ = try fixture.setup().remove()
    #expect(fixture.home.read(".ssh/config") == "Host a\n")
  }

  @Test func keepsAnEmptyFile() throws {
    let fixture = try SetupFixture()
    try fixture.home.write("", to: ".ssh/config")
    _ = try fixture.setup().apply()
    _ = try fixture.setup().remove()
    #expect(fixture.home.read(".ssh/config") == "")
  }
}

extension [Int] {
  /// The elements over and over, `count` of them.
  fileprivate func cycled(_ count: Int) -> [Int] { (0..<count).map { self[$0 % self.count] } }
}
