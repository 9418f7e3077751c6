public import OpenSSH
public import SystemIO

/// How a server has to prove its identity. There is no case that accepts every key.
public struct HostProof {
  /// What to do when nothing is known about the host.
  public enum Unknown {
    /// The key is refused; `hint` says how to make it known, where it can be.
    case refuse(hint: String?)
    /// The key is handed over to be stored, so that it is known the next time, unless another one
    /// has become known since. Gives the keys that are known then, one of which it has to be.
    case remember((PublicKey) throws(Failure) -> [PublicKey])
  }

  /// The host as messages name it.
  let name: String
  let verdict: KnownHosts.Verdict
  let unknown: Unknown
  /// What forgets the known keys when the host has been set up anew, as a clause.
  let forgetting: String
  let certificates: HostCertificates?

  /// Only by a certificate of this authority that names `host` as a principal.
  /// - Parameter revoked: keys that count for nothing, the authority's or the host's.
  public static func authority(
    _ key: PublicKey, host: String, revoked: [PublicKey] = [], certificates: HostCertificates
  ) -> HostProof {
    var verdict = KnownHosts.Verdict()
    verdict.authorities = [key]
    verdict.revoked = revoked
    return HostProof(
      name: host, verdict: verdict, unknown: .refuse(hint: nil), forgetting: ofSession,
      certificates: certificates)
  }

  /// Only by one of these keys.
  /// - Parameter revoked: keys that are refused all the same.
  public static func named(
    _ keys: [PublicKey], host: String, revoked: [PublicKey] = []
  ) -> HostProof {
    var verdict = KnownHosts.Verdict()
    verdict.keys = keys
    verdict.revoked = revoked
    return HostProof(
      name: host, verdict: verdict, unknown: .refuse(hint: nil), forgetting: ofSession,
      certificates: nil)
  }

  /// By the key seen first.
  /// - Parameters:
  ///   - known: the keys pinned so far; empty before the first connection.
  ///   - revoked: keys that are refused all the same.
  ///   - pin: stores the key where none is pinned by then, and gives the keys that are.
  public static func pinned(
    _ known: [PublicKey], host: String, revoked: [PublicKey] = [],
    pin: @escaping (PublicKey) throws(Failure) -> [PublicKey]
  ) -> HostProof {
    var verdict = KnownHosts.Verdict()
    verdict.keys = known
    verdict.revoked = revoked
    return HostProof(
      name: host, verdict: verdict, unknown: .remember(pin), forgetting: ofSession,
      certificates: nil)
  }

  /// By the user's known hosts, `@cert-authority` and `@revoked` lines included.
  public static func userKnownHosts(
    _ known: KnownHosts, host: String, port: Int, unknown: Unknown, certificates: HostCertificates
  ) -> HostProof {
    var verdict = known.lookup(host: host, port: port)
    verdict.revoked = known.revoked(host: host, port: port)
    let name = HostAndPort.knownHostsName(of: host, port: port)
    return HostProof(
      name: name, verdict: verdict, unknown: unknown,
      forgetting:
        "`ssh-keygen -R \(name.quotedForShell)` forgets the old key, and a login by ssh asks for the new one",
      certificates: certificates)
  }

  private static let ofSession = "`sshproxy close` its alias, and run it again with a new session"

  /// Whether the server will be asked for its certificates.
  var needsScan: Bool { !verdict.authorities.isEmpty && certificates?.areAtHand == false }

  /// The host key algorithms that can be verified; they are to be negotiated first, because a server
  /// with several keys shows only one.
  /// - Throws: what `HostCertificateScan.run` throws.
  func hostKeyAlgorithms(_ scan: HostCertificateScan) throws(Failure) -> [String] {
    var provable = verdict.keys.map(\.algorithm)
    if !verdict.authorities.isEmpty, let certificates {
      let now = WallClock.seconds
      let good = try certificates.atHand(scan).filter { reason(against: $0, now) == nil }
      provable += good.map(\.certifiedKey.algorithm)
    }
    return provable
  }

  /// Accepts or refuses the key that the server has proved to hold.
  /// - Throws: `.invalidResponse` for a key that is refused, with the reason; what the scan and the storing
  ///   of the key throw.
  func check(_ key: PublicKey, _ scan: HostCertificateScan) throws(Failure) {
    guard !verdict.revoked.contains(key) else {
      throw refusal("its key \(key.fingerprint) is marked as revoked")
    }
    if verdict.keys.contains(key) { return }
    if !verdict.authorities.isEmpty, let certificates {
      let known = try certificates.atHand(scan)
      if certifies(known, key) == nil { return }
      // The server may have a new certificate by now.
      let renewed = known.isEmpty ? known : try certificates.renewed(scan)
      guard let reason = certifies(renewed, key) else { return }
      throw refusal(reason)
    }
    guard verdict.keys.isEmpty else { throw changed(key) }
    switch unknown {
    case .refuse(let hint): throw refusal("its key \(key.fingerprint) is not known", hint: hint)
    // Between the look into the files and this moment another program may have connected.
    case .remember(let keep): guard try keep(key).contains(key) else { throw changed(key) }
    }
  }

  private func changed(_ key: PublicKey) -> Failure {
    refusal(
      "its key \(key.fingerprint) is not the one that is known",
      hint: "the host was set up anew, or somebody is in between; if you know that it was, "
        + forgetting)
  }

  /// - Returns: why none of the certificates proves the key; `nil` when one does.
  private func certifies(_ certificates: [Certificate], _ key: PublicKey) -> String? {
    let now = WallClock.seconds
    guard !certificates.isEmpty else { return "it has no host certificate" }
    var first: String?
    for certificate in certificates {
      let reason =
        certificate.certifiedKey == key
        ? reason(against: certificate, now)
        : "its host certificate is for another key than \(key.fingerprint)"
      guard let reason else { return nil }
      // The certificate for this very key gives the most useful reason.
      if first == nil || certificate.certifiedKey == key { first = reason }
    }
    return first
  }

  private func reason(against certificate: Certificate, _ now: Int64) -> String? {
    var last: String?
    for authority in verdict.authorities where !verdict.revoked.contains(authority) {
      do throws(Failure) {
        try certificate.checkHost(name: principal, authority: authority, at: now)
        return nil
      } catch {
        last = error.message
      }
    }
    return last ?? "its authority is marked as revoked"
  }

  /// Certificates name hosts without a port.
  private var principal: String { HostAndPort(knownHostsName: name)?.host ?? name }

  private func refusal(_ clause: String, hint: String? = nil) -> Failure {
    Failure(
      .invalidResponse, step: "check the host \(name.sanitized(limit: 100))", clause,
      hint: hint ?? "nothing was sent to it; do not go on unless its owner explains this")
  }
}
