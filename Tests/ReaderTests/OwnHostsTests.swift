import Foundation
import TestSupport
import Testing

extension ReaderTests {
  /// Nothing that `setup` writes may break what worked before.
  @Suite struct OwnHostsTests {
    @Test(arguments: Reader.allCases)
    func `the user's hosts are read as before setup, and nothing of ours is run`(
      _ reader: Reader
    ) throws {
      let testHome = try ReaderHome(ReaderTests.simulator)
      let words = reader.configWords + ReaderHome.ownHosts
      let before = try testHome.run(words)
      #expect(before.status == 0 && before.errors.isEmpty, "\(before)")
      let lines = before.output.split(separator: "\n")
      for (line, wanted) in zip(
        lines,
        [
          ["work.example.test", "alice", "2222", ".ssh/work"],
          ["github.example.test", "git", ".ssh/gh"], ["corporal", "2022", ".ssh/corp"],
          ["plain.example.test"],
        ])
      {
        for part in wanted { #expect(line.contains(part), "\(line)") }
      }
      #expect(lines.count == ReaderHome.ownHosts.count)
      try testHome.setUpWithSessions()
      let after = try testHome.run(words)
      #expect(after.status == 0 && after.errors.isEmpty, "\(after)")
      #expect(after.output == before.output)
      #expect(testHome.calls == [])
      // It has read what is ours, and not missed it.
      guard reader.findsSessions else { return }
      let login = try #require(try testHome.simulator.state().prime.sessions.first).login
      let ours = try testHome.run(reader.configWords + ["sb1.prime"])
      #expect(ours.status == 0 && ours.output.contains(login), "\(ours)")
    }

    /// The stand-in counts, and ssh itself calls us for no host of the user's.
    @Test func `ssh reads the user's hosts as before, and calls us for ours alone`() throws {
      let testHome = try ReaderHome(ReaderTests.simulator)
      func settings() throws -> [String] {
        try ReaderHome.ownHosts.map { try testHome.run([TestHome.ssh, "-G", $0]).output }
      }
      let before = try settings()
      try testHome.setUpWithSessions()
      #expect(try settings() == before)
      #expect(testHome.calls == [])
      #expect(try testHome.run([TestHome.ssh, "-G", "sb1.prime"]).status == 0)
      #expect(testHome.calls.count == 1)
    }

    /// What 0.1 generated has no `Host` lines, without which these readers take it for every host's.
    @Test(arguments: [Reader.libssh, .netSSH, .includeOnly])
    func `after an upgrade from 0.1, setup makes it right`(_ reader: Reader) throws {
      let testHome = try ReaderHome(ReaderTests.simulator)
      let words = reader.configWords + ReaderHome.ownHosts
      let before = try testHome.run(words)
      try testHome.setUpWithSessions()
      let file = "\(TestHome.state)/ssh_config"
      let lines = try #require(testHome.home.read(file)).split(separator: "\n")
      let old = lines.filter { !$0.hasPrefix("Host ") }.joined(separator: "\n") + "\n"
      try testHome.home.write(old, to: file)
      #expect(try testHome.sshproxy(["setup"]).status == 0)
      #expect(try testHome.run(words).output == before.output)
    }

    /// libssh cuts a line at 1,023 bytes, and takes the rest for options.
    @Test(arguments: [120, 1000])
    func `with many names, libssh knows every option`(_ count: Int) throws {
      let names = (1...count).map { "machine-number-\($0)" }
      let testHome = try ReaderHome(ReaderTests.simulator, names: names)
      let words = Reader.libssh.configWords + ReaderHome.ownHosts
      let before = try testHome.run(words)
      try testHome.setUpWithSessions()
      let after = try testHome.run(words + [names[count - 1]])
      #expect(after.status == 0 && after.errors.isEmpty, "\(after)")
      #expect(after.output.hasPrefix(before.output))
      #expect(testHome.calls == [])
    }
  }
}
