import Foundation
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import SSHSetup

/// What `setup` writes beside what version 0.1 wrote: the same for ssh, and readable for all others.
@Suite struct SetupReadersTests {
  /// The text of version 0.1.
  private static func formerText(_ fixture: SetupFixture, _ patterns: AliasPatterns) -> String {
    let home = fixture.home.path
    let list = patterns.suffixes.map { "*." + $0 } + patterns.names
    let call = "'\(fixture.program)' --home '\(home)'"
    let excluded = #" !originalhost "*'*,*\*""#
    let match = "Match originalhost " + list.joined(separator: ",") + excluded
    return """
      # Written by `sshproxy setup`; changes are lost.
      # `sshproxy setup` again follows the configuration; `sshproxy setup --remove` undoes it.
      \(match) exec "exec \(call) prepare '%n'"
          Include "\(home)/.local/state/sshproxy/ssh_config"
      \(match)
          ProxyCommand \(call) connect --fdpass '%n'
          ProxyUseFdpass yes
      Match all

      """
  }

  private static func toml(_ count: Int) -> String {
    (0..<count).map { "[hosts.name-\($0)]\nprovider = \"static\"\nhost = \"h\"\n" }.joined()
  }

  @Test(arguments: [0, 3, 120, 1000])
  func noLineIsOverAThousandCharacters(_ count: Int) throws {
    let fixture = try SetupFixture()
    let setup = try fixture.setup(Self.toml(count))
    _ = try setup.apply()
    for path in [setup.managedFile, setup.matchFile] {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 1000 })
      #expect(text.hasSuffix("\nHost *\n"))
    }
    let names = try String(contentsOfFile: setup.managedFile, encoding: .utf8)
    #expect(!names.contains("Match") && !names.contains("exec"))
    let listed = names.split(separator: "\n").filter { $0.hasPrefix("Host ") }
      .flatMap { $0.split(separator: " ").dropFirst() }
    #expect(listed.count == count + 1)
    #expect(Set(listed).count == count + 1)
  }

  private static let others = [
    "example.com", "work", "gh-work", "a.corp", "name", "prime", "x.prime.example", "it's",
    #"back\slash"#, #"quo"te"#, "it's.prime", #"back\slash.prime"#, "a b", "git@host",
  ]
  private static let ours = [
    "sb1.prime", "SB1.Prime", "dm-abc.dedalus", "node1.tensorpool", "a.b.prime", "name-0", "NAME-2",
    "name-77",
  ]

  /// `ssh -G` of any host, and how often it calls us, with `prepare` working and failing.
  @Test(arguments: [0, 3, 120], [true, false])
  func sshMakesTheSameOfIt(_ count: Int, prepares: Bool) throws {
    let fixture = try SetupFixture("my home")
    if !prepares { try fixture.failToPrepare() }
    let user = """
      Host work
        HostName work.example
        User alice
        Port 2222
        IdentityFile ~/.ssh/work
      Host gh-work *.corp
        ProxyCommand none
      Host *
        User somebody
        ServerAliveInterval 7

      """
    try fixture.home.write(user, to: ".ssh/config")
    let setup = try fixture.setup(Self.toml(count))
    let patterns = try fixture.home.configuration().aliasPatterns
    try fixture.home.write(Self.formerText(fixture, patterns), to: "former")
    try fixture.home.write("Include \"\(fixture.home.path)/former\"\n" + user, to: "before")
    _ = try setup.apply()
    for host in Self.others + Self.ours {
      let before = try fixture.effective(host, "before")
      let after = try fixture.effective(host, ".ssh/config")
      #expect(after.text == before.text, "\(host)")
      #expect(after.calls == before.calls, "\(host)")
      #expect(before.calls.count <= 1)
    }
  }

  /// ssh runs the lines by the user's shell, whichever that is.
  @Test(arguments: ["/bin/sh", "/bin/bash", "/usr/bin/zsh", "/usr/bin/fish", "/bin/csh"])
  func aProgramThatIsGoneIsToldOnce(_ shell: String) throws {
    guard access(shell, X_OK) == 0 || shell != "/bin/csh" else { return }
    let fixture = try SetupFixture("my home")
    let setup = try fixture.setup()
    _ = try setup.apply()
    let words = [
      "SHELL=\(shell)", SetupFixture.ssh, "-T", "-G", "-F", fixture.home.path(of: ".ssh/config"),
    ]
    let present = try run("/usr/bin/env", words + ["sb1.prime"])
    // Before 8.7 ssh -G begins with this line.
    #expect("\n\(present.output)".contains("\nuser from-prepare\n") && present.errors.isEmpty)
    let other = try run("/usr/bin/env", words + ["other.example"])
    try FileManager.default.removeItem(atPath: fixture.program)
    let gone = try run("/usr/bin/env", words + ["sb1.prime"])
    #expect(gone.status == 0)
    #expect(
      gone.errors
        == "sshproxy: error: \(fixture.program) is gone: install sshproxy again, or take our Include "
        + "out of your ssh config\n")
    #expect(!gone.output.contains("from-prepare"))
    let after = try run("/usr/bin/env", words + ["other.example"])
    #expect(after.output == other.output && after.errors.isEmpty)
  }

  /// A name that a suffix covers as well must not be asked for twice.
  @Test func patternsAreDisjoint() throws {
    let names = (0..<90).map { "a-name-of-some-length-\($0).prime" }
    let patterns = AliasPatterns(suffixes: ["prime", "gpu.prime"], names: names + ["lab"])
    #expect(patterns.disjoint == ["*.prime", "lab"])
  }

  @Test func replacesTheFilesOfVersionOne() throws {
    let fixture = try SetupFixture()
    let patterns = try fixture.home.configuration().aliasPatterns
    let include = "Include \(fixture.home.path)/.ssh/sshproxy.conf\n"
    try fixture.home.write(include + "Host a\n", to: ".ssh/config")
    try fixture.home.write(Self.formerText(fixture, patterns), to: ".ssh/sshproxy.conf")
    let setup = try fixture.setup()
    #expect(try setup.status() == .behind(lacking: []))
    #expect(try setup.apply().changed == [setup.matchFile, setup.managedFile])
    #expect(try setup.status() == .current)
    #expect(try fixture.ssh("sb1.prime")["user"] == "from-prepare")
    _ = try setup.remove()
    #expect(fixture.home.read(".ssh/config") == "Host a\n")
  }

  @Test func aSecondFileThatIsGoneOrEditedIsBehind() throws {
    let fixture = try SetupFixture()
    let setup = try fixture.setup()
    _ = try setup.apply()
    try FileManager.default.removeItem(atPath: setup.matchFile)
    #expect(try setup.status() == .behind(lacking: []))
    #expect(try setup.apply().changed == [setup.matchFile])
    let text = try String(contentsOfFile: setup.matchFile, encoding: .utf8)
    try fixture.home.write(text + "User eve\n", to: ".ssh/sshproxy-match.conf")
    #expect(try setup.status() == .behind(lacking: []))
    #expect(try setup.apply().changed == [setup.matchFile])
    try fixture.home.write("# mine\n", to: ".ssh/sshproxy-match.conf")
    #expect(failure { try setup.apply() }?.kind == .configuration)
    #expect(fixture.home.read(".ssh/sshproxy-match.conf") == "# mine\n")
  }

  /// In the place where ssh looks by itself, the line suits every computer that the file is copied to.
  @Test func includeIsRelativeInTheUsersOwnFolder() throws {
    let fixture = try SetupFixture()
    let setup = try fixture.setup(sshHome: fixture.home.path)
    _ = try setup.apply()
    #expect(fixture.home.read(".ssh/config") == "Include sshproxy.conf\n")
    let path = fixture.home.path + "/.ssh/sshproxy.conf"
    for line in [
      "Include ~/.ssh/sshproxy.conf\n", "include = sshproxy.conf\n", "Include \"\(path)\"\n",
      "\tINCLUDE \"~/.ssh/sshproxy.conf\" \n", "Include \(path)\r\n",
      "Include sshproxy.conf # mine\n", "Include \(path) #\n",
    ] {
      try fixture.home.write(line + "Host a\n", to: ".ssh/config")
      #expect(try setup.status() == .current, "\(line)")
      #expect(try setup.apply().changed.isEmpty, "\(line)")
      _ = try setup.remove()
      #expect(fixture.home.read(".ssh/config") == "Host a\n", "\(line)")
      _ = try setup.apply()
    }
  }

  @Test func aliasConflictsAreFound() throws {
    let fixture = try SetupFixture()
    try fixture.home.write(
      "# Host lab\nHost alone\n  User u\nInclude more.d/*.conf\nhost = \"train\" other # alone\n hostname=x\n",
      to: ".ssh/config")
    try fixture.home.write("Host x\n\nHost mine lab\n  Port 7\n", to: ".ssh/more.d/a.conf")
    let toml = ["lab", "train", "alone"].map {
      "[hosts.\($0)]\nprovider = \"static\"\nhost = \"h\"\n"
    }
    let setup = try fixture.setup(toml.joined(), sshHome: fixture.home.path)
    _ = try setup.apply()
    let found = setup.aliasConflicts()
    #expect(found.map(\.name) == ["lab", "train"])
    #expect(found.map(\.line) == [3, 6])
    #expect(found.first?.path == fixture.home.path + "/.ssh/more.d/a.conf")
  }

  /// Two of the files include all three, and ssh goes sixteen deep: 200,000 files, if each were read each time.
  @Test(.timed) func aliasConflictsAreLookedForOnceInEachFile() throws {
    let fixture = try SetupFixture()
    for name in 1...2 {
      try fixture.home.write("Include more.d/*\n", to: ".ssh/more.d/\(name)")
    }
    try fixture.home.write("Host lab\n  Port 7\n", to: ".ssh/more.d/3")
    try fixture.home.write("Include more.d/*\n", to: ".ssh/config")
    let toml = "[hosts.lab]\nprovider = \"static\"\nhost = \"h\"\n"
    let setup = try fixture.setup(toml, sshHome: fixture.home.path)
    let (names, time) = seconds { setup.aliasConflicts().map(\.name) }
    try expectTime(time, within: 1)
    #expect(names == ["lab"])
  }

  @Test func aliasConflictsAreFoundInAPathWithBlanks() throws {
    let fixture = try SetupFixture()
    try fixture.home.write(
      "Include \"more hosts/a=b\" 'other file'\nInclude \"open\n", to: ".ssh/config")
    try fixture.home.write("Host \"lab\"\n  Port 7\n", to: ".ssh/more hosts/a=b")
    try fixture.home.write("Host train\n  HostName \"x\"\n", to: ".ssh/other file")
    let toml = ["lab", "train"].map { "[hosts.\($0)]\nprovider = \"static\"\nhost = \"h\"\n" }
    let setup = try fixture.setup(toml.joined(), sshHome: fixture.home.path)
    #expect(setup.aliasConflicts().map(\.name) == ["lab", "train"])
  }

  /// `~/x` is not the root's `/x`.
  @Test func withoutAHomeNothingBelowItIsLookedAt() throws {
    let fixture = try SetupFixture()
    let below = String(fixture.home.path.dropFirst()) + "/hosts"
    try fixture.home.write("Host lab\n  Port 7\n", to: "hosts")
    try fixture.home.write("Include ~/\(below)\n", to: ".ssh/config")
    let setup = try fixture.setup("[hosts.lab]\nprovider = \"static\"\nhost = \"h\"\n")
    #expect(setup.aliasConflicts().isEmpty)
    try fixture.home.write("Include /\(below)\n", to: ".ssh/config")
    #expect(setup.aliasConflicts().map(\.name) == ["lab"])
  }

  @Test func machinesAreListedWhereTheUserWantsThem() throws {
    let fixture = try SetupFixture()
    let line = "Include \(fixture.home.path)/.local/state/sshproxy/ssh_machines\n"
    _ = try fixture.setup().apply()
    let path = fixture.home.path + "/.ssh/sshproxy.conf"
    #expect(try !String(contentsOfFile: path, encoding: .utf8).contains(line))
    let setup = try fixture.setup("[connection]\nlist_machines = true\n")
    #expect(try setup.status() == .behind(lacking: []))
    _ = try setup.apply()
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains(line))
  }
}

extension SetupFixture {
  fileprivate func failToPrepare() throws {
    try home.write(
      "#!/bin/sh\nprintf '%s|' \"$@\" >> '\(home.path)/calls'\necho >> '\(home.path)/calls'\nexit 69\n",
      to: "bin/sshproxy", mode: 0o700)
  }

  /// What `ssh -G` says of a host, and the calls that it makes. ssh may refuse the host itself.
  fileprivate func effective(
    _ host: String, _ config: String
  ) throws -> (text: String, calls: [String]) {
    try home.write("", to: "calls")
    let (_, output, _) = try run(SetupFixture.ssh, ["-T", "-G", "-F", home.path(of: config), host])
    return (output, calls)
  }
}
