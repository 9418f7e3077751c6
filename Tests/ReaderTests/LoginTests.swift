import TestSupport
import Testing

extension ReaderTests {
  /// Clients that read ssh's configuration and have no `Match exec`.
  @Suite struct LoginTests {
    /// Reads Include, and the settings of a session that stands.
    @Test(arguments: [Reader.libssh, .netSSH, .newAsyncssh])
    func `after setup and prepare, the client logs in`(_ reader: Reader) throws {
      let testHome = try ReaderHome(ReaderTests.simulator)
      try testHome.setUpWithSessions()
      for machine in ReaderHome.machines {
        try logsIn(reader, machine, testHome, file: testHome.home.path(of: ".ssh/config"))
      }
    }

    @Test(arguments: [Reader.libssh, .netSSH, .paramiko, .asyncssh, .newAsyncssh])
    func `with the static block alone, the client logs in`(_ reader: Reader) throws {
      let testHome = try ReaderHome(ReaderTests.simulator)
      for machine in ReaderHome.machines {
        let block = try testHome.sshproxy(["resolve", "--create", "--ssh-config", machine])
        try #require(block.status == 0 && block.output.hasPrefix("#"), "\(machine): \(block)")
        let file = try testHome.home.write(block.output, to: "block")
        try logsIn(reader, machine, testHome, file: file)
      }
    }

    /// As the real ssh does with the same file.
    private func logsIn(
      _ reader: Reader, _ machine: String, _ testHome: ReaderHome, file: String
    ) throws {
      var words = try #require(reader.loginWords) + [file, machine]
      let ssh = [TestHome.ssh, "-F", file, "-o", "BatchMode=yes"]
      let accepting = ["-o", "StrictHostKeyChecking=accept-new", "-o", "LogLevel=ERROR"]
      let real = try testHome.run(ssh + accepting + [machine, "echo $USER"])
      try #require(real.status == 0 && real.output.count > 1, "\(machine): \(real)")
      if reader == .libssh {
        let settings = try testHome.run(ssh + ["-G", machine]).output.split(separator: "\n")
        words += settings.filter { $0.hasPrefix("certificatefile ") }
          .map { String($0.dropFirst("certificatefile ".count)) }
      }
      let end = try testHome.run(words)
      #expect(end.status == 0 && end.output == real.output, "\(machine): \(end)")
    }
  }
}
