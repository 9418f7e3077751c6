import SystemIO
import Testing

@testable import OpenSSH

@Suite struct KeyTests {
  @Test(
    arguments: [
      ("ed25519", nil), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 2048),
      ("rsa", 3072),
    ] as [(String, Int?)])
  func readsWhatSSHKeygenMakes(type: String, bits: Int?) throws {
    let bench = try Workbench()
    let line = try bench.key("key", type, bits: bits)
    let key = try PublicKey(line: line)
    #expect(line.hasPrefix(key.line + " "))
    #expect(try PublicKey(line: key.line) == key)
    #expect(try PublicKey(blob: key.blob) == key)
    #expect(try bench.run("ssh-keygen", "-lf", "key.pub").text.contains(" \(key.fingerprint) "))

    for end in 0..<key.blob.count {
      #expect(throws: Failure.self) { try PublicKey(blob: Array(key.blob[..<end])) }
    }
    #expect(throws: Failure.self) { try PublicKey(blob: key.blob + [0]) }
  }

  /// OpenSSL's reason is told, and is gone from its queue then.
  @Test func pointOffTheCurve() throws {
    let point = [4] + [UInt8](repeating: 7, count: 64)
    let key = try PublicKey(blob: wire("ecdsa-sha2-nistp256") + wire("nistp256") + wire(point))
    let failure = #expect(throws: Failure.self) { _ = try EVPKey(verifying: key).pointer }
    #expect(failure?.kind == .invalidResponse)
    let begin = "OpenSSL does not take the authority's key ("
    #expect(failure?.message.hasPrefix(begin) == true && failure?.message.hasSuffix(")") == true)
    #expect(OpenSSLErrors.take() == "")
  }

  @Test func readsSecurityKeys() throws {
    let point = [UInt8](repeating: 7, count: 32)
    let ed25519 = wire("sk-ssh-ed25519@openssh.com") + wire(point) + wire("ssh:")
    #expect(try PublicKey(blob: ed25519).algorithm == "sk-ssh-ed25519@openssh.com")
    let ecdsa =
      wire("sk-ecdsa-sha2-nistp256@openssh.com") + wire("nistp256") + wire([4] + point + point)
      + wire("ssh:")
    #expect(try PublicKey(blob: ecdsa).algorithm == "sk-ecdsa-sha2-nistp256@openssh.com")
    #expect(throws: Failure.self) { try PublicKey(blob: Array(ecdsa.dropLast(8))) }
  }

  @Test func refusesWeakRSA() throws {
    let bench = try Workbench()
    let line = try bench.key("key", "rsa", bits: 1024)
    let failure = #expect(throws: Failure.self) { try PublicKey(line: line) }
    #expect(failure?.message.contains("1024 bits") == true)
  }

  @Test func refusesOddLines() throws {
    let bench = try Workbench()
    let line = try PublicKey(line: try bench.key("key", "ed25519")).line
    let base64 = line.split(separator: " ")[1]
    for text in [
      "", "ssh-ed25519", "ssh-ed25519 ", "\(base64)", "ssh-rsa \(base64)", "ssh-ed25519 \(base64)=",
      "ssh-ed25519 \(base64.dropLast())", "\(line)\n\(line)", "\(line)\n\n", "\n\(line)",
      "\(line) a\u{0}b", "\(line) a\u{1b}[2J", "no-pty \(line)", "ssh-ed25519\n\(base64)",
      "@cert-authority * \(line)", line + " " + String(repeating: "x", count: 16 * 1024),
      "ssh-dss AAAAB3NzaC1kc3MAAAAB", "ssh-ed25519 AAAA AAAA",
    ] {
      #expect(throws: Failure.self, "\(text.prefix(80))") { try PublicKey(line: text) }
    }
  }

  @Test(arguments: [KeyType.ed25519, .ecdsaP256])
  func opensshReadsOurKeys(type: KeyType) throws {
    let bench = try Workbench()
    // Often enough that scalars with leading zeros and high bits occur.
    for round in 0..<40 {
      let pair = try KeyPair.generate(type)
      let text = try pair.withPrivateKeyFile { Array($0) }
      let back = try KeyPair(privateKeyFile: text)
      #expect(back.publicKey == pair.publicKey)
      #expect(back.type == type)
      guard round < 10 else { continue }
      try bench.write("key", text)
      let shown = try bench.run("ssh-keygen", "-y", "-f", "key")
      #expect(shown.text == pair.publicKey.line + "\n")
      // A signature shows that the private half is the right one.
      try bench.write("message", "hello")
      try bench.run("rm", "-f", "message.sig")
      try bench.keygen("-Y", "sign", "-f", "key", "-n", "test", "message")
      let verified = try bench.run(
        ["ssh-keygen", "-Y", "check-novalidate", "-n", "test", "-s", "message.sig"],
        stdin: "\(bench.path)/message")
      #expect(verified.status == 0, "\(verified.text)")
    }
  }

  @Test(arguments: [KeyType.ed25519, .ecdsaP256])
  func refusesBrokenPrivateKeyFiles(type: KeyType) throws {
    func read(_ text: [UInt8]) throws(Failure) -> PublicKey {
      try KeyPair(privateKeyFile: text).publicKey
    }
    let pair = try KeyPair.generate(type)
    let text = try pair.withPrivateKeyFile { Array($0) }
    for end in 0..<text.count {
      #expect(throws: Failure.self) { try read(Array(text[..<end])) }
    }
    for index in text.indices {
      var changed = text
      changed[index] ^= 1
      // Only the private number itself can change unseen.
      if let key = try? read(changed) { #expect(key == pair.publicKey) }
    }
    let bench = try Workbench()
    try bench.keygen("-t", "ed25519", "-N", "secret", "-f", "encrypted")
    let encrypted = Array(try bench.read("encrypted").utf8)
    #expect(throws: Failure.self) { try read(encrypted) }
  }
}
