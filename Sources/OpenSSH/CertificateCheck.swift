public import SystemIO

extension Certificate {
  /// Checks that this certificate lets `key` log in as `login` at the time `now`, in Unix seconds.
  /// Stricter than sshd: a certificate without principals is refused.
  ///
  /// The critical options that OpenSSH knows (`force-command`, `source-address`,
  /// `verify-required`) are the server's to enforce and are accepted.
  /// - Throws: `.invalidResponse`, with the condition that is not met.
  public func checkUser(key: PublicKey, login: String, at now: Int64) throws(Failure) {
    let step = "check the user certificate"
    func refused(_ clause: String) -> Failure {
      Failure(.invalidResponse, step: step, "the user certificate \(clause)")
    }
    guard kind == .user else { throw refused("is a host certificate") }
    guard certifiedKey == key else { throw refused("certifies another key than this session's") }
    // Byte by byte: to Swift's `==` the Kelvin sign is a `K`.
    guard principals.contains(where: { $0.utf8.elementsEqual(login.utf8) }) else {
      throw refused("does not name the login \(login.sanitized(limit: 80)) as a principal")
    }
    let known = ["force-command", "source-address", "verify-required"]
    if let option = criticalOptions.first(where: { !known.contains($0.name) }) {
      throw refused("has an unknown critical option, \(option.name.sanitized(limit: 60))")
    }
    if let clause = invalidity(at: now) {
      var failure = refused(clause)
      failure.hint = "set this computer's clock, and run it again"
      throw failure
    }
    try verifySignature()
  }

  /// Checks that this certificate, signed by `authority`, proves that its key belongs to the host `name`
  /// at the time `now`, in Unix seconds.
  ///
  /// The rules are those of `sshkey_cert_check_host` since OpenSSH 10.3: principals may be
  /// patterns, a certificate without principals is good for no host (up to 10.2: for every one,
  /// CVE-2026-35414), and no critical option is known for hosts.
  /// - Throws: `.invalidResponse`, with the condition that is not met.
  public func checkHost(name: String, authority: PublicKey, at now: Int64) throws(Failure) {
    let step = "check the host certificate"
    func refused(_ clause: String) -> Failure {
      Failure(.invalidResponse, step: step, "the host certificate \(clause)")
    }
    guard kind == .host else { throw refused("is a user certificate") }
    guard self.authority == authority else {
      throw refused(
        "is signed by \(self.authority.fingerprint), not by the authority \(authority.fingerprint)")
    }
    let folded = name.lowercased()
    guard principals.contains(where: { HostPattern.matches(folded, glob: $0) }) else {
      throw refused("does not name \(name.sanitized(limit: 80)) as a principal")
    }
    if let option = criticalOptions.first {
      throw refused("has an unknown critical option, \(option.name.sanitized(limit: 60))")
    }
    if let clause = invalidity(at: now) { throw refused(clause) }
    try verifySignature()
  }

  private func invalidity(at now: Int64) -> String? {
    guard now >= 0, UInt64(now) >= validAfter else {
      return "is not valid yet (is this computer's clock right?)"
    }
    return UInt64(now) < validBefore ? nil : "has expired (is this computer's clock right?)"
  }
}
