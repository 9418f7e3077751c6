import Foundation
import SystemIO
import TestSupport
import Testing

@testable import OpenSSH

/// An authority, or a kind of key that is certified, as ssh-keygen is told.
struct KeyKind: Sendable, CustomTestStringConvertible {
  var type: String
  var bits: Int?
  /// ssh-keygen's `-t` while signing: the kind of signature by an RSA authority.
  var signature: String?

  var testDescription: String { "\(type) \(bits ?? 0) \(signature ?? "")" }
}

@Suite struct CertificateTests {
  static let kinds = [
    KeyKind(type: "ed25519"), KeyKind(type: "ecdsa", bits: 256), KeyKind(type: "ecdsa", bits: 384),
    KeyKind(type: "ecdsa", bits: 521), KeyKind(type: "rsa", bits: 2048),
  ]
  static let authorities =
    kinds.dropLast() + [
      KeyKind(type: "rsa", bits: 2048, signature: "rsa-sha2-256"),
      KeyKind(type: "rsa", bits: 3072, signature: "rsa-sha2-512"),
    ]

  private let now = Int64(Date().timeIntervalSince1970)

  /// Signs the key in the file `key` and reads the certificate.
  private func sign(
    _ bench: Workbench, by kind: KeyKind, _ words: String...
  ) throws -> Certificate {
    let signature = kind.signature.map { ["-t", $0] } ?? []
    let output = try bench.run(
      ["ssh-keygen", "-q", "-s", "ca", "-I", "an id", "-z", "42"] + signature + words + ["key.pub"])
    guard output.status == 0 else { throw Unexpected(output.text) }
    return try Certificate(line: try bench.read("key-cert.pub"))
  }

  private func bench(_ kind: KeyKind, certifying key: KeyKind) throws -> (
    Workbench, key: PublicKey, authority: PublicKey
  ) {
    let bench = try Workbench()
    let key = try PublicKey(line: try bench.key("key", key.type, bits: key.bits))
    let authority = try PublicKey(line: try bench.key("ca", kind.type, bits: kind.bits))
    return (bench, key, authority)
  }

  @Test(arguments: authorities, kinds)
  func userCertificate(by kind: KeyKind, over keyKind: KeyKind) throws {
    let (bench, key, authority) = try bench(kind, certifying: keyKind)
    let certificate = try sign(
      bench, by: kind, "-n", "ubuntu,ses-1", "-V", "-1h:+1h", "-O", "force-command=true")
    #expect(certificate.kind == .user)
    #expect(certificate.principals == ["ubuntu", "ses-1"])
    #expect(certificate.certifiedKey == key)
    #expect(certificate.authority == authority)
    #expect(certificate.criticalOptions == ["force-command"])
    #expect(try bench.read("key-cert.pub").hasPrefix(certificate.line + " "))
    #expect(certificate.algorithm == certificate.line.prefix { $0 != " " })
    try certificate.verifySignature()
    try certificate.checkUser(key: key, login: "ses-1", at: now)
    try certificate.checkUser(key: key, login: "ubuntu", at: Int64(certificate.validBefore) - 1)
    try certificate.checkUser(key: key, login: "ubuntu", at: Int64(certificate.validAfter))
    for moment in [
      Int64(certificate.validBefore), Int64(certificate.validAfter) - 1, 0, -1, .max, .min,
    ] {
      #expect(throws: Failure.self) {
        try certificate.checkUser(key: key, login: "ubuntu", at: moment)
      }
    }
    for login in ["root", "", "Ubuntu", "ubuntu,ses-1", "*"] {
      #expect(throws: Failure.self) {
        try certificate.checkUser(key: key, login: login, at: now)
      }
    }
    #expect(throws: Failure.self) {
      try certificate.checkUser(key: authority, login: "ubuntu", at: now)
    }
    #expect(throws: Failure.self) {
      try certificate.checkHost(name: "ubuntu", authority: authority, at: now)
    }
  }

  @Test(arguments: authorities)
  func hostCertificate(by kind: KeyKind) throws {
    let (bench, key, authority) = try bench(kind, certifying: Self.kinds[0])
    let certificate = try sign(
      bench, by: kind, "-h", "-n", "dm-1.example,*.wild.example,10.0.0.?", "-V", "-1h:+1h")
    #expect(certificate.kind == .host)
    #expect(certificate.certifiedKey == key)
    for name in ["dm-1.example", "DM-1.Example", "x.wild.example", "10.0.0.7"] {
      try certificate.checkHost(name: name, authority: authority, at: now)
    }
    for name in ["dm-2.example", "wild.example", "10.0.0.77", "", "*", "dm-1.example."] {
      #expect(throws: Failure.self, "\(name)") {
        try certificate.checkHost(name: name, authority: authority, at: now)
      }
    }
    #expect(throws: Failure.self) {
      try certificate.checkHost(name: "dm-1.example", authority: key, at: now)
    }
    #expect(throws: Failure.self) {
      try certificate.checkHost(name: "dm-1.example", authority: authority, at: now + 7200)
    }
    #expect(throws: Failure.self) {
      try certificate.checkUser(key: key, login: "dm-1.example", at: now)
    }
  }

  /// No change of a single bit in any byte is ever believed.
  @Test(arguments: authorities)
  func everyByteCounts(by kind: KeyKind) throws {
    let (bench, key, authority) = try bench(kind, certifying: Self.kinds[1])
    let user = try sign(bench, by: kind, "-n", "ubuntu", "-V", "-1h:+1h").blob
    let host = try sign(bench, by: kind, "-h", "-n", "dm-1", "-V", "-1h:+1h").blob
    try Certificate(blob: user).checkUser(key: key, login: "ubuntu", at: now)
    try Certificate(blob: host).checkHost(name: "dm-1", authority: authority, at: now)
    for mask: UInt8 in [0x01, 0x80] {
      for index in user.indices {
        var changed = user
        changed[index] ^= mask
        #expect(throws: Failure.self, "user \(index)") {
          try Certificate(blob: changed).checkUser(key: key, login: "ubuntu", at: now)
        }
      }
      for index in host.indices {
        var changed = host
        changed[index] ^= mask
        #expect(throws: Failure.self, "host \(index)") {
          try Certificate(blob: changed).checkHost(name: "dm-1", authority: authority, at: now)
        }
      }
    }
    for end in user.indices {
      #expect(throws: Failure.self) { try Certificate(blob: Array(user[..<end])) }
    }
    #expect(throws: Failure.self) { try Certificate(blob: user + [0]) }
  }

  @Test func refusesWhatSaysTooLittle() throws {
    let (bench, key, authority) = try bench(Self.kinds[0], certifying: Self.kinds[0])
    let anybody = try sign(bench, by: Self.kinds[0])
    #expect(anybody.principals.isEmpty)
    try anybody.verifySignature()
    #expect(throws: Failure.self) { try anybody.checkUser(key: key, login: "root", at: now) }
    #expect(throws: Failure.self) { try anybody.checkUser(key: key, login: "", at: now) }
    let anywhere = try sign(bench, by: Self.kinds[0], "-h")
    #expect(throws: Failure.self) {
      try anywhere.checkHost(name: "dm-1", authority: authority, at: now)
    }
    let kelvin = try sign(bench, by: Self.kinds[0], "-n", "\u{212A}")
    #expect(throws: Failure.self) { try kelvin.checkUser(key: key, login: "K", at: now) }
    let strange = try sign(bench, by: Self.kinds[0], "-n", "root", "-O", "critical:new@x=y")
    let failure = #expect(throws: Failure.self) {
      try strange.checkUser(key: key, login: "root", at: now)
    }
    #expect(failure?.message.contains("new@x") == true)
    let strangeHost = try sign(bench, by: Self.kinds[0], "-h", "-n", "h", "-O", "critical:new=y")
    #expect(throws: Failure.self) {
      try strangeHost.checkHost(name: "h", authority: authority, at: now)
    }
  }

  @Test func refusesSHA1() throws {
    let kind = KeyKind(type: "rsa", bits: 2048, signature: "ssh-rsa")
    let (bench, key, _) = try bench(kind, certifying: Self.kinds[0])
    let certificate = try sign(bench, by: kind, "-n", "root")
    #expect(throws: Failure.self) { try certificate.verifySignature() }
    #expect(throws: Failure.self) { try certificate.checkUser(key: key, login: "root", at: now) }
  }

  @Test func refusesOtherLines() throws {
    let (bench, key, _) = try bench(Self.kinds[0], certifying: Self.kinds[0])
    let line = try sign(bench, by: Self.kinds[0], "-n", "root").line
    let base64 = line.split(separator: " ")[1]
    for text in [
      key.line, "", String(base64), "ssh-ed25519 \(base64)", "\(line)\n\(line)",
      "ssh-rsa-cert-v01@openssh.com \(base64)", line.replacing(" ", with: "\n"),
    ] {
      #expect(throws: Failure.self) { try Certificate(line: text) }
    }
    #expect(try Certificate(line: line + "\n").line == line)
    #expect(throws: Failure.self) { try PublicKey(line: line) }
  }

  /// Lengths that point beyond the end, or nearly wrap around, at every place: no change is taken.
  @Test func refusesAnyOtherLength() throws {
    let (bench, _, _) = try bench(Self.kinds[0], certifying: Self.kinds[4])
    let blob = try sign(bench, by: Self.kinds[0], "-n", "root").blob
    for index in 0...(blob.count - 4) {
      for value: [UInt8] in [[0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0, 0, 0, 0]] {
        var changed = blob
        changed.replaceSubrange(index..<(index + 4), with: value)
        guard changed != blob else { continue }
        #expect(throws: Failure.self) { try Certificate(blob: changed).verifySignature() }
      }
    }
  }
}
