import OpenSSH
import SSHClient
import SystemIO
import TestSupport
import Testing

@Suite(.timed) struct LoginTests {
  /// A server that lets in whoever has a certificate of `authority`.
  private func certifying() throws -> Server {
    try Server(settings: {
      ["TrustedUserCAKeys \($0.path(of: "authority.pub"))", "AuthorizedKeysFile none"]
    })
  }

  private func certificate(
    for key: borrowing KeyPair, by authority: String, _ server: Server
  ) throws -> String {
    try server.folder.write(key.publicKey.line + "\n", to: "mine.pub")
    try Server.keygen([
      "-s", server.folder.path(of: authority), "-I", "test", "-n", Server.login, "-V", "+1h",
      server.folder.path(of: "mine.pub"),
    ])
    return try #require(server.folder.read("mine-cert.pub"))
  }

  @Test func certifiedKeyFromMemory() throws {
    let server = try certifying()
    let key = try KeyPair.generate(.ecdsaP256)
    let line = try certificate(for: key, by: "authority", server)
    let session = try Client.session(server)
    try session.logIn(as: Server.login, key: key, certificate: line)
    let works = try Client.works(session)
    #expect(works)
  }

  @Test func certificateOfAnotherAuthorityIsRefused() throws {
    let server = try certifying()
    let key = try KeyPair.generate(.ecdsaP256)
    let line = try certificate(for: key, by: "user", server)
    let session = try Client.session(server)
    let found = failure { try session.logIn(as: Server.login, key: key, certificate: line) }
    #expect(found?.kind == .denied)
  }

  @Test(arguments: [KeyType.ed25519, .ecdsaP256])
  func plainKeyFromMemory(type: KeyType) throws {
    let key = try KeyPair.generate(type)
    let line = key.publicKey.line
    let server = try Server(prepare: { try $0.write(line + "\n", to: "authorized_keys") })
    let session = try Client.session(server)
    try session.logIn(as: Server.login, key: key, certificate: nil)
    let works = try Client.works(session)
    #expect(works)
  }

  @Test func unknownKeyIsRefused() throws {
    let server = try Server()
    let session = try Client.session(server)
    let key = try KeyPair.generate(.ed25519)
    let found = failure { try session.logIn(as: Server.login, key: key, certificate: nil) }
    #expect(found?.kind == .denied)
  }

  @Test func filesAreTriedInOrder() throws {
    let server = try Server()
    let session = try Client.session(server)
    let files = ["missing", "host_ecdsa", "user"].map { server.folder.path(of: $0) }
    try session.logIn(as: Server.login, identityFiles: files, agent: nil)
    let works = try Client.works(session)
    #expect(works)
  }

  /// What cannot hold a key is skipped at once: a FIFO, a device, a file without an end, one that is too
  /// large, a folder, an empty file.
  @Test func onlyWhatCanHoldAKeyIsRead() throws {
    let server = try Server()
    let folder = server.folder
    try folder.write(String(repeating: "x", count: 64 << 10 + 1), to: "large")
    try folder.write("", to: "empty")
    #expect(mkfifo(folder.path(of: "pipe"), 0o600) == 0)
    let strange = ["/dev/zero", "/dev/null", "/proc/self/pagemap", "/proc/self/maps", folder.path]
    let files = strange + ["pipe", "large", "empty"].map { folder.path(of: $0) }
    let session = try Client.session(server)
    let begin = Moment.now
    let found = failure {
      try session.logIn(as: Server.login, identityFiles: files, agent: nil)
    }
    #expect(found?.kind == .denied && found?.message.contains("pipe") == false)
    try session.logIn(
      as: Server.login, identityFiles: files + [folder.path(of: "user")], agent: nil)
    try expectTime(Double(Moment.now - begin) / 1000, within: 5)
  }

  @Test func noKeyAtAllIsSaid() throws {
    let server = try Server()
    let session = try Client.session(server)
    let found = failure { try session.logIn(as: Server.login, identityFiles: [], agent: nil) }
    #expect(found?.kind == .denied)
  }

  /// An agent with the keys of those files, in their order.
  private func agent(_ files: [String], _ folder: TemporaryDirectory) throws -> RunningProgram {
    let agent = try RunningProgram(
      "/usr/bin/ssh-agent", ["-D", "-a", folder.path(of: "agent")],
      environment: ["PATH": "/usr/bin:/bin"])
    // The socket is there before anybody listens on it.
    let isAdded = eventually {
      let program = try? RunningProgram(
        "/usr/bin/ssh-add", ["-q"] + files.map { folder.path(of: $0) },
        environment: ["SSH_AUTH_SOCK": folder.path(of: "agent"), "PATH": "/usr/bin:/bin"])
      return program?.end().status == 0
    }
    #expect(isAdded)
    return agent
  }

  @Test func agentHasTheKey() throws {
    let server = try Server()
    let agent = try agent(["user"], server.folder)
    let session = try Client.session(server)
    try session.logIn(
      as: Server.login, identityFiles: [], agent: server.folder.path(of: "agent"))
    let works = try Client.works(session)
    #expect(works && agent.isRunning)
  }

  /// sshd hangs up after six keys. As ssh does, the agent is first asked for those that are named; for others
  /// not at all where only those are to count.
  @Test(arguments: [(true, false), (true, true), (false, true)], [true, false])
  func namedKeysBeforeTheAgentsOthers(
    _ way: (agentHasIt: Bool, identitiesOnly: Bool), hasPublicFile: Bool
  ) throws {
    let (agentHasIt, identitiesOnly) = way
    let server = try Server()
    if !hasPublicFile { unlink(server.folder.path(of: "user.pub")) }
    let others = (1...7).map { "other\($0)" }
    for name in others {
      try Server.keygen(["-q", "-t", "ed25519", "-N", "", "-f", server.folder.path(of: name)])
    }
    let agent = try agent(others + (agentHasIt ? ["user"] : []), server.folder)
    // With a passphrase, the file is of no use by itself.
    if agentHasIt {
      try Server.keygen(["-q", "-p", "-N", "secret", "-f", server.folder.path(of: "user")])
    }
    let session = try Client.session(server)
    try session.logIn(
      as: Server.login, identityFiles: [server.folder.path(of: "user")],
      identitiesOnly: identitiesOnly, agent: server.folder.path(of: "agent"))
    let works = try Client.works(session)
    #expect(works && agent.isRunning)
  }
}
