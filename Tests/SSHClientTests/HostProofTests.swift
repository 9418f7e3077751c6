import OpenSSH
import SSHClient
import SystemIO
import TestSupport
import Testing

/// Whom the client believes. Each refusal has to come before any login.
@Suite(.timed) struct HostProofTests {
  private func certified(
    _ options: [String] = [], by authority: String = "authority", key: String = "host_ed25519"
  ) throws -> Server {
    try Server(
      settings: { ["HostCertificate \($0.path(of: key))-cert.pub"] },
      prepare: { directory in
        let folder = directory.path
        try Server.keygen(["-t", "ed25519", "-N", "", "-f", "\(folder)/stranger"])
        try Server.keygen(
          ["-s", "\(folder)/\(authority)", "-I", "test", "-h"]
            + (options.isEmpty ? ["-n", "127.0.0.1,other.test"] : options)
            + ["\(folder)/\(key).pub"])
      })
  }

  private func proof(
    _ server: Server, host: String = "127.0.0.1", kept: String? = nil,
    keep: @escaping (String) -> Void = { _ in }
  ) throws -> HostProof {
    .authority(
      try server.publicKey("authority"), host: host,
      certificates: HostCertificates(kept: kept) { keep($0) })
  }

  private func refusal(_ server: Server, _ proof: HostProof) -> Failure? {
    let found = failure { _ = try Client.session(server, proof: proof) }
    #expect(!server.log.contains("Accepted"), "logged in to a host that was not believed")
    return found
  }

  @Test func authorityIsBelieved() throws {
    let server = try certified()
    #expect(try Client.run("exit 4", on: server, proof: try proof(server)).status == 4)
  }

  @Test func certifiedKeyIsAskedForAmongSeveral() throws {
    // The server's first key has no certificate, the second has.
    let server = try certified(key: "host_ecdsa")
    #expect(try Client.run("exit 4", on: server, proof: try proof(server)).status == 4)
  }

  @Test func certificateIsKeptAndScannedOnce() throws {
    let server = try certified()
    let scans = Counter()
    let first = try proof(server) { scans.add($0) }
    _ = try Client.session(server, proof: first)
    let second = try proof(server, kept: scans.texts.first) { scans.add($0) }
    _ = try Client.session(server, proof: second)
    #expect(scans.texts.count == 1)
  }

  @Test func staleCertificateIsScannedAgain() throws {
    let old = try certified()
    let kept = old.folder.read("host_ed25519-cert.pub")
    let server = try Server(
      settings: { ["HostCertificate \($0.path(of: "host_ed25519"))-cert.pub"] },
      prepare: { directory in
        for name in ["authority", "authority.pub"] {
          try directory.write(old.folder.read(name) ?? "", to: name)
        }
        try Server.keygen([
          "-s", directory.path(of: "authority"), "-I", "test", "-h", "-n", "127.0.0.1",
          directory.path(of: "host_ed25519.pub"),
        ])
      })
    let scans = Counter()
    let proof = try proof(server, kept: kept) { scans.add($0) }
    _ = try Client.session(server, proof: proof)
    #expect(scans.texts.count == 1)
  }

  @Test func hostWithoutCertificateIsRefused() throws {
    let server = try Server()
    let found = refusal(server, try proof(server))
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message == "it has no host certificate")
  }

  @Test(arguments: [
    ["-n", "127.0.0.1", "-V", "20200101:20210101"], ["-n", "somewhere.else"],
  ])
  func badCertificateIsRefused(options: [String]) throws {
    let server = try certified(options)
    #expect(refusal(server, try proof(server))?.kind == .invalidResponse)
  }

  @Test func wrongAuthorityIsRefused() throws {
    let server = try certified(by: "stranger")
    #expect(refusal(server, try proof(server))?.kind == .invalidResponse)
  }

  @Test func firstKeyIsPinnedAndChangedKeyRefused() throws {
    let server = try Server()
    let pins = Counter()
    _ = try Client.session(
      server, proof: .pinned([], host: "box") { key in pins.add(key) })
    let pinned = try PublicKey(line: try #require(pins.texts.first))
    _ = try Client.session(
      server, proof: .pinned([pinned], host: "box") { key in pins.add(key) })
    #expect(pins.texts.count == 1)
    let other = HostProof.pinned([try server.publicKey("user")], host: "box") { key in
      pins.add(key)
    }
    #expect(refusal(server, other)?.kind == .invalidResponse)
    #expect(pins.texts.count == 1)
  }

  /// What was stored while we were on our way decides.
  @Test(arguments: [(["user"], false), (["host_ed25519"], true), (["user", "host_ed25519"], true)])
  func keyThatIsPinnedMeanwhileDecides(pinned: [String], isBelieved: Bool) throws {
    let server = try Server()
    let known = try pinned.map { try server.publicKey($0) }
    let recorded = users(KnownHosts([]), server, unknown: .remember { _ in known })
    for proof in [HostProof.pinned([], host: "box") { _ in known }, recorded] {
      guard !isBelieved else {
        _ = try Client.session(server, proof: proof)
        continue
      }
      #expect(refusal(server, proof)?.kind == .invalidResponse)
    }
  }

  @Test func revokedKeyIsRefusedHoweverTheHostIsTrusted() throws {
    let server = try Server()
    let key = try server.publicKey("host_ed25519")
    let pinned = HostProof.pinned([key], host: "box", revoked: [key]) { [$0] }
    #expect(refusal(server, pinned)?.kind == .invalidResponse)
    let first = HostProof.pinned([], host: "box", revoked: [key]) { [$0] }
    #expect(refusal(server, first)?.kind == .invalidResponse)

    let other = try certified()
    let authority = try other.publicKey("authority")
    for revoked in [authority, try other.publicKey("host_ed25519")] {
      let proof = HostProof.authority(
        authority, host: "127.0.0.1", revoked: [revoked],
        certificates: HostCertificates(kept: nil) { _ in })
      #expect(refusal(other, proof)?.kind == .invalidResponse)
    }
  }

  private func users(
    _ known: KnownHosts, _ server: Server, unknown: HostProof.Unknown = .refuse(hint: "do it")
  ) -> HostProof {
    .userKnownHosts(
      known, host: "127.0.0.1", port: Int(server.port), unknown: unknown,
      certificates: HostCertificates(kept: nil) { _ in })
  }

  @Test(arguments: [false, true], ["host_ed25519", "host_ecdsa"])
  func knownHostIsBelieved(hashed: Bool, key: String) throws {
    let server = try Server()
    let known = try server.knownHosts(key, hashed: hashed)
    #expect(try Client.run("exit 4", on: server, proof: users(known, server)).status == 4)
  }

  @Test func unknownHostIsRefusedWithTheHint() throws {
    let server = try Server()
    #expect(refusal(server, users(KnownHosts([]), server))?.hint == "do it")
  }

  @Test func unknownHostIsRecordedWhereThatIsWanted() throws {
    let server = try Server()
    let seen = Counter()
    let proof = users(
      KnownHosts([]), server, unknown: .remember { key in seen.add(key) })
    _ = try Client.session(server, proof: proof)
    #expect(seen.texts == [try server.publicKey("host_ed25519").line])
  }

  @Test func changedHostIsRefusedEvenWhereNewOnesAreRecorded() throws {
    let server = try Server()
    let seen = Counter()
    let proof = users(
      try server.knownHosts("user"), server, unknown: .remember { key in seen.add(key) })
    #expect(refusal(server, proof)?.kind == .invalidResponse)
    #expect(seen.texts.isEmpty)
  }

  @Test func revokedKeyIsRefused() throws {
    let server = try Server()
    let name = HostAndPort.knownHostsName(of: "127.0.0.1", port: Int(server.port))
    let line = try server.publicKey("host_ed25519").line
    let known = KnownHosts(["\(name) \(line)\n@revoked * \(line)\n"])
    #expect(refusal(server, users(known, server))?.kind == .invalidResponse)
  }

  @Test func authorityOfTheUsersKnownHostsIsBelieved() throws {
    let server = try certified()
    let line = try KnownHosts.line(
      host: "127.0.0.1", port: Int(server.port), key: try server.publicKey("authority"))
    let proof = users(KnownHosts(["@cert-authority \(line)"]), server)
    #expect(try Client.run("exit 4", on: server, proof: proof).status == 4)
  }
}

/// What a callback was given, in order.
private final class Counter {
  private(set) var texts: [String] = []
  func add(_ text: String) { texts.append(text) }
  func add(_ key: PublicKey) -> [PublicKey] {
    texts.append(key.line)
    return [key]
  }
}
