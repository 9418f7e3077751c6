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
      let home = try ReaderHome(ReaderTests.simulator)
      let words = reader.configWords + ReaderHome.ownHosts
      let before = try home.run(words)
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
      try home.setUp()
      let after = try home.run(words)
      #expect(after.status == 0 && after.errors.isEmpty, "\(after)")
      #expect(after.output == before.output)
      #expect(home.calls == [])
      // It has read what is ours, and not missed it.
      guard reader.findsSessions else { return }
      let login = try #require(try home.simulator.state().prime.sessions.first).login
      let ours = try home.run(reader.configWords + ["sb1.prime"])
      #expect(ours.status == 0 && ours.output.contains(login), "\(ours)")
    }

    /// The stand-in counts, and ssh itself calls us for no host of the user's.
    @Test func `ssh reads the user's hosts as before, and calls us for ours alone`() throws {
      let home = try ReaderHome(ReaderTests.simulator)
      func settings() throws -> [String] {
        try ReaderHome.ownHosts.map { try home.run([TestHome.ssh, "-G", $0]).output }
      }
      let before = try settings()
      try home.setUp()
      #expect(try settings() == before)
      #expect(home.calls == [])
      #expect(try home.run([TestHome.ssh, "-G", "sb1.prime"]).status == 0)
      #expect(home.calls.count == 1)
    }

    /// What 0.1 generated has no `Host` lines, without which these readers take it for every host's.
    @Test(arguments: [Reader.libssh, .netSSH, .includeOnly])
    func `after an upgrade from 0.1, setup makes it right`(_ reader: Reader) throws {
      let home = try ReaderHome(ReaderTests.simulator)
      let words = reader.configWords + ReaderHome.ownHosts
      let before = try home.run(words)
      try home.setUp()
      let file = "\(TestHome.state)/ssh_config"
      let lines = try #require(home.place.home.read(file)).split(separator: "\n")
      let old = lines.filter { !$0.hasPrefix("Host ") }.joined(separator: "\n") + "\n"
      try home.place.home.write(old, to: file)
      #expect(try home.place.sshproxy(["setup"]).status == 0)
      #expect(try home.run(words).output == before.output)
    }

    /// libssh cuts a line at 1,023 bytes, and takes the rest for options.
    @Test(arguments: [120, 1000])
    func `with many names, libssh knows every option`(_ count: Int) throws {
      let names = (1...count).map { "machine-number-\($0)" }
      let home = try ReaderHome(ReaderTests.simulator, names: names)
      let words = Reader.libssh.configWords + ReaderHome.ownHosts
      let before = try home.run(words)
      try home.setUp()
      let after = try home.run(words + [names[count - 1]])
      #expect(after.status == 0 && after.errors.isEmpty, "\(after)")
      #expect(after.output.hasPrefix(before.output))
      #expect(home.calls == [])
    }
  }
}
