import Foundation
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import SSHSetup

/// The files that `setup` refuses, and what it keeps of those that it takes.
@Suite struct SetupFileTests {
  let fixture: SetupFixture
  var home: TemporaryDirectory { fixture.home }

  init() throws { fixture = try SetupFixture() }

  private func expectRefusal(
    _ words: String, _ sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try home.snapshot(withFolders: true)
    for isRemoving in [false, true] {
      let failure = failure(sourceLocation) {
        isRemoving ? try fixture.setup().remove() : try fixture.setup().apply().changed
      }
      #expect(failure?.kind == .configuration, sourceLocation: sourceLocation)
      let message = failure?.message ?? ""
      #expect(message.contains(words), "\(message)", sourceLocation: sourceLocation)
      #expect(failure?.hint != nil, sourceLocation: sourceLocation)
      #expect(try home.snapshot(withFolders: true) == before, sourceLocation: sourceLocation)
    }
  }

  @Test func keepsALinkALink() throws {
    try home.write("Host a\n", to: "dotfiles/ssh", mode: 0o640)
    try home.write("", to: ".ssh/known_hosts")
    let link = home.path(of: ".ssh/config")
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: "../dotfiles/ssh")
    #expect(try fixture.setup().apply().changed.contains(home.path + "/.ssh/sshproxy.conf"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "../dotfiles/ssh")
    #expect(home.read("dotfiles/ssh")?.hasPrefix("Include \(home.path)/.ssh/") == true)
    #expect(try home.mode(of: "dotfiles/ssh") == 0o640)
    _ = try fixture.setup().remove()
    #expect(home.read("dotfiles/ssh") == "Host a\n")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "../dotfiles/ssh")
  }

  @Test func refusesALinkToNothing() throws {
    try home.write("", to: ".ssh/known_hosts")
    try FileManager.default.createSymbolicLink(
      atPath: home.path(of: ".ssh/config"), withDestinationPath: "nowhere")
    try expectRefusal("link to nothing")
  }

  @Test func refusesADirectory() throws {
    try home.write("", to: ".ssh/config/x")
    try expectRefusal("not a file")
  }

  @Test(.timed) func refusesAPipe() throws {
    try home.write("", to: ".ssh/known_hosts")
    let pipe = home.path(of: ".ssh/config")
    #expect(mkfifo(pipe, 0o600) == 0)
    // Whoever waits for the pipe's other end gets it, late.
    Thread {
      Thread.sleep(forTimeInterval: 20)
      _ = try? Descriptor.open(pipe, flags: O_WRONLY | O_NONBLOCK)
    }.start()
    let start = Moment.now
    let failure = failure { try fixture.setup().apply() }
    let time = Double(Moment.now - start) / 1000
    try expectTime(time, within: 10)
    #expect(failure?.message.contains("not a file") == true)
  }

  @Test func refusesWhatIsNoText() throws {
    try home.write([0x48, 0, 0x0a], to: ".ssh/config")
    try expectRefusal("text")
    try home.write([0x23, 0xe9, 0x0a], to: ".ssh/config")
    try expectRefusal("text")
    try home.write([UInt8](repeating: 0x0a, count: 4 << 20 | 1), to: ".ssh/config")
    try expectRefusal("4 MiB")
  }

  @Test func refusesAFileThatEverybodyCanWrite() throws {
    try home.write("Host a\n", to: ".ssh/config", mode: 0o666)
    try expectRefusal("everybody can write")
  }

  /// ssh reads what is there for every host, whoever has put it there.
  @Test(arguments: [0o777, 0o1777, 0o775], ["shared", "shared/sshproxy"])
  func refusesAStateThatOthersCanChange(_ mode: Int, _ folder: String) throws {
    try home.write("Host a\n", to: ".ssh/config")
    try home.write("", to: "shared/sshproxy/ssh_hosts")
    // A group may well write in a folder that it cannot come to.
    for folder in [home.path, home.path(of: "..")] { chmod(folder, 0o755) }
    for name in ["shared", "shared/sshproxy"] { chmod(home.path(of: name), 0o700) }
    let setup = try fixture.setup(environment: ["XDG_STATE_HOME": home.path(of: "shared")])
    chmod(home.path(of: folder), mode_t(mode))
    defer { chmod(home.path(of: folder), 0o700) }
    let before = try home.snapshot(withFolders: true)
    // A sticky directory of the user's on the way is none that others can rename something in.
    guard mode != 0o1777 || folder != "shared" else {
      _ = try setup.apply()
      return
    }
    let failure = failure { try setup.apply() }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains("others can change \(home.path(of: folder))") == true)
    #expect(try home.snapshot(withFolders: true) == before)
  }

  @Test func refusesAFileOfAnothersMaking() throws {
    try home.write("Host a\n", to: ".ssh/sshproxy.conf")
    try expectRefusal("did not write it")
  }

  @Test func refusesAPathWithALineEnd() throws {
    let setup = try fixture.setup(config: home.path(of: "a\nHost *\n"))
    #expect(failure { try setup.apply() }?.kind == .configuration)
    #expect(try home.snapshot(withFolders: true).keys.contains { $0.contains("\n") } == false)
  }

  @Test func takesTheLargestFile() throws {
    let line = Array(repeating: UInt8(ascii: "#"), count: 63) + [0x0a]
    let file = Array(repeatElement(line, count: (4 << 20) / 64).joined())
    try home.write(file, to: ".ssh/config")
    #expect(failure { try fixture.setup().apply() }?.message.contains("4 MiB") == true)
    #expect(home.bytes(of: ".ssh/config") == file)
    let smaller = Array(file.dropFirst(256))
    try home.write(smaller, to: ".ssh/config")
    #expect(try fixture.setup().apply().changed.count == 3)
    #expect(try fixture.setup().difference().isEmpty)
    #expect(try fixture.setup().remove().count == 3)
    #expect(home.bytes(of: ".ssh/config") == smaller)
  }

  @Test func leavesTheFileWhenItCannotBeReplaced() throws {
    try home.write("Host a\n", to: ".ssh/config")
    // A directory in the way of the temporary file fails the write for root, too.
    try home.write("", to: ".ssh/.config.\(getpid())/x")
    let failure = failure { try fixture.setup().apply() }
    #expect(failure?.kind == .inputOutput)
    #expect(failure?.message.hasSuffix("nothing has been changed in it") == true)
    #expect(failure?.advice.contains("room on the disk") == true)
    #expect(home.read(".ssh/config") == "Host a\n")
  }

  @Test func leavesTheFileWhenTheDiskIsFull() async {
    await #expect(processExitsWith: .success) {
      let fixture = try SetupFixture()
      try fixture.home.write("Host a\n", to: ".ssh/config")
      try #require(limitFileSize(to: 5) == 0)
      let failure = failure { try fixture.setup().apply() }
      try #require(failure?.kind == .inputOutput)
      try #require(fixture.home.read(".ssh/config") == "Host a\n")
      let names = try FileManager.default.contentsOfDirectory(
        atPath: fixture.home.path(of: ".ssh"))
      try #require(names == ["config"])
    }
  }

  @Test func namesPathsWithoutDetours() throws {
    let setup = try fixture.setup(config: home.path + "//./.ssh/../x/./config")
    try home.write("", to: ".ssh/a")
    #expect(setup.managedFile.hasSuffix("/sshproxy.conf"))
    let clean = try fixture.setup(config: home.path + "//./x/config")
    #expect(clean.configFile == home.path + "/x/config")
    let relative = try fixture.setup(config: "x/config")
    #expect(relative.configFile == FileManager.default.currentDirectoryPath + "/x/config")
  }

  @Test func tellsWhatIsBehind() throws {
    let setup = try fixture.setup()
    #expect(try setup.status() == .missing)
    _ = try setup.apply()
    #expect(try setup.status() == .current)
    #expect(try setup.status() == .current)
    #expect(try fixture.setup(fdpass: false).status() == .current)
    let more = try fixture.setup("[hosts.lab]\nprovider = \"static\"\nhost = \"h\"\n")
    #expect(try more.status() == .behind(lacking: ["lab"]))
    _ = try more.apply()
    #expect(try more.status() == .current)
    let config = home.bytes(of: ".ssh/config") ?? []
    try home.write(Array("Host *\n".utf8) + config, to: ".ssh/config")
    #expect(try more.status() == .notIncludedFirst)
    try home.write("Host *\n", to: ".ssh/config")
    #expect(try more.status() == .notIncludedFirst)
    _ = try more.apply()
    try FileManager.default.removeItem(atPath: more.managedFile)
    #expect(try more.status() == .behind(lacking: []))
  }

  @Test func whatItClaimedWithAKeyStaysCurrentWithoutIt() throws {
    let odd = VendorFacts("odd", title: "Odd", suffix: "o", keys: [.init("ODD_KEY")])
    func setup(_ environment: [String: String] = [:]) throws -> SSHSetup {
      SSHSetup(
        program: "/opt/sshproxy", files: try home.locations(),
        patterns: try home.configuration(environment: environment, vendors: [odd]).aliasPatterns)
    }
    _ = try setup().apply()
    #expect(try setup().status() == .current && setup().lackingPatterns() == [])
    let key = ["ODD_KEY": "k"]
    #expect(try setup(key).status() == .behind(lacking: ["*.o"]))
    #expect(try setup(key).lackingPatterns() == ["*.o"])
    _ = try setup(key).apply()
    #expect(try setup(key).status() == .current && setup(key).lackingPatterns() == [])
    #expect(try setup().status() == .current)
    #expect(try setup().apply().surplus == ["*.o"])
    #expect(try setup(key).status() == .behind(lacking: ["*.o"]))
  }
}

/// Lets no file of this process grow beyond some bytes: the full disk that a test can have.
private func limitFileSize(to bytes: rlim_t) -> Int32 {
  signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
  #if os(Linux)
    return setrlimit(Int32(RLIMIT_FSIZE.rawValue), &limit)
  #else
    return setrlimit(RLIMIT_FSIZE, &limit)
  #endif
}
