import SystemIO

@testable import OpenSSH

/// What is read is written the same; nothing that the authority of the corpus did not sign passes
/// for signed by it.
enum CertificateTarget {
  /// Of the corpus: who signed its good certificates, and the key and login that they are for.
  private static let authority = corpusAuthority
  private static let key = try? PublicKey(line: corpusKey)

  static func run(_ input: [UInt8]) {
    var decisions = Decisions(input)
    let kind = decisions.number(below: 6)
    let bytes = Array(decisions.rest)
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(Failure) {
      switch kind {
      case 0: check(try Certificate(line: text))
      case 1: check(try Certificate(blob: bytes))
      case 2: check(try PublicKey(line: text))
      case 3: check(try PublicKey(blob: bytes))
      case 4: checkKnownHosts(text)
      default: try checkPrivateKey(bytes)
      }
    } catch {
      promiseShowable(error, kinds: [.invalidResponse])
    }
  }

  private static func check(_ key: PublicKey) {
    promise((try? PublicKey(line: key.line)) == key, "\(key.line) is another key")
    promise((try? PublicKey(blob: key.blob)) == key, "the blob of \(key.line) is another key")
    promise(key.line.utf8.allSatisfy { (0x20...0x7e).contains($0) }, "a strange line")
    promise(key.fingerprint.hasPrefix("SHA256:"), key.fingerprint)
    let line = try? KnownHosts.line(host: "host.example", port: 2222, key: key, hashed: true)
    let found = KnownHosts([line ?? ""]).lookup(host: "host.example", port: 2222)
    promise(found.keys == [key], "not found in known hosts")
  }

  private static func check(_ certificate: Certificate) {
    let again = try? Certificate(line: certificate.line)
    promise(again?.blob == certificate.blob, "the line holds another certificate")
    check(certificate.certifiedKey)
    check(certificate.authority)
    let isSigned = attempt { () throws(Failure) in try certificate.verifySignature() }
    if isSigned, certificate.authority.line == authority {
      promise(corpusSigned.contains(digest(certificate.signed)), "a forged certificate")
    }
    for now in [0, 1, 1_800_000_000, Int64.max, -1] {
      for login in certificate.principals.prefix(2) + ["ubuntu"] {
        guard let key else { continue }
        let passes = attempt { () throws(Failure) in
          try certificate.checkUser(key: key, login: login, at: now)
        }
        promise(!passes || isSigned, "an unsigned user certificate passes")
        promise(
          !passes || certificate.principals.contains { $0.utf8.elementsEqual(login.utf8) },
          "a login that is not named passes")
      }
      let passes = attempt { () throws(Failure) in
        try certificate.checkHost(
          name: "host.example", authority: certificate.authority, at: now)
      }
      promise(!passes || (isSigned && certificate.kind == .host), "a host certificate passes")
    }
  }

  /// FNV-1a: enough to tell the corpus's certificates from others.
  private static func digest(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private static func attempt(_ body: () throws(Failure) -> Void) -> Bool {
    do throws(Failure) {
      try body()
      return true
    } catch {
      promiseShowable(error, kinds: [.invalidResponse])
      return false
    }
  }

  private static func checkKnownHosts(_ text: String) {
    let hosts = KnownHosts([text, corpusKnownHosts])
    for name in ["host.example", "10.0.0.7", "x", text.prefix(40).description] {
      let verdict = hosts.lookup(name: name)
      for key in verdict.keys + verdict.authorities + verdict.revoked {
        promise((try? PublicKey(line: key.line)) == key, "a strange key")
      }
      promise(hosts.lookup(host: name, port: 22) == verdict, "port 22 is another name")
    }
    // Patterns against the two definitions of a match.
    let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, parts[0].utf8.count < 40, parts[1].utf8.count < 20,
      parts[0].utf8.count(where: { $0 == UInt8(ascii: "*") }) < 5
    {
      let (pattern, name) = (String(parts[0]), String(parts[1]))
      promise(
        HostPattern.matches(name, glob: pattern)
          == Self.matches(Array(name.utf8)[...], Array(pattern.utf8)[...]),
        "\(name.debugDescription) and \(pattern.debugDescription)")
    }
  }

  /// The definition of a pattern, word by word; its work grows with every `*`.
  private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first == UInt8(ascii: "*") {
      return matches(name, pattern.dropFirst())
        || (!name.isEmpty && matches(name.dropFirst(), pattern))
    }
    guard let letter = name.first, first == UInt8(ascii: "?") || first == letter else {
      return false
    }
    return matches(name.dropFirst(), pattern.dropFirst())
  }

  private static func checkPrivateKey(_ bytes: [UInt8]) throws(Failure) {
    let pair = try KeyPair(privateKeyFile: bytes)
    var text: [UInt8] = []
    try pair.withPrivateKeyFile { text = Array($0) }
    let again = try KeyPair(privateKeyFile: text)
    promise(again.publicKey == pair.publicKey, "another key pair")
  }
}
