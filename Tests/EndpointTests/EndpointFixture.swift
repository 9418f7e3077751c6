import Foundation
import OpenSSH
import SystemIO
import TestSupport
import Testing

@testable import Configuration
@testable import Endpoint
@testable import SSHClient
@testable import Sessions

/// A home with a store, and one session in it that was never opened anywhere.
final class EndpointFixture {
  let home: TemporaryDirectory
  let store: SessionStore
  let alias: Alias

  init() throws {
    home = try TemporaryDirectory("endpoint")
    store = try SessionStore(path: home.path(of: "state"))
    alias = try Alias("lab")
  }

  /// The session's directory.
  var directory: String { home.path(of: "state/sessions/lab/s") }

  func session(
    _ proof: Session.HostTrust = .trustOnFirstUse, port: UInt16 = 22, host: String = "127.0.0.1"
  ) -> Session {
    Session(
      id: "s", endpoint: HostAndPort(host: host, port: port),
      login: .sessionKey(login: "u", certificate: nil), hostTrust: proof,
      expires: WallClock.seconds + 1000)
  }

  func target(_ session: Session) -> Target {
    Target(
      alias: alias, id: "lab",
      settings: .static(host: session.endpoint.host, port: session.endpoint.port))
  }

  func new(_ session: Session, opening: Int = 0) throws -> NewSession {
    let address = SocketAddress(host: session.endpoint.host, port: session.endpoint.port)
    return NewSession(
      session: session, target: target(session), key: try KeyPair.generate(.ed25519),
      pointer: .ssh, addresses: address.map { [$0] } ?? [], opening: opening, deadline: 20)
  }

  /// - Parameter age: how long ago the session was made, in seconds.
  func stored(_ session: Session, age: Int64 = 100) throws -> StoredSession {
    let now = WallClock.seconds - age
    let record = try new(session).makeRecord(at: now) { "/nowhere/\($0)" }
    return StoredSession(
      record: record, session: session, target: StoredTarget(target(session)), keyType: .ed25519,
      directory: directory)
  }

  func connector(
    _ session: Session, seconds: Int, allowsLocal: Bool = true, caller: HangUpMonitor = .nobody
  ) -> SSHConnector {
    let rule = EndpointRule(suffixes: [], names: [], allowsLocal: allowsLocal)
    return SSHConnector(
      .init(
        target: target(session), rule: rule, seconds: seconds, home: home.path, agent: nil),
      caller: caller, trace: { _ in })
  }

  /// How the session's host has to prove its identity.
  /// - Parameters:
  ///   - isStored: whether there is a directory to remember keys in.
  ///   - deadline: for the alias's lock.
  func proof(
    _ session: Session, isStored: Bool = true, acceptsNew: Bool = false,
    until deadline: Moment = .now + 5000
  ) throws -> HostProof {
    if isStored { _ = try PrivateDirectory(making: directory) }
    let persistence = HostVerification.Persistence(
      alias: alias, directory: { [directory] in directory }, store: store, deadline: deadline,
      caller: .nobody)
    return try HostVerification(
      home: home.path, session: session, persistence: isStored ? persistence : nil,
      acceptsNew: acceptsNew
    ).proof()
  }
}

extension HostProof {
  /// The failure of a server that proves to hold this key; `nil` when it is believed. Not for trust in an
  /// authority, whose certificates are fetched.
  func verdict(on key: PublicKey) -> Failure? {
    guard let address = SocketAddress(host: "127.0.0.1", port: 1) else { return nil }
    do throws(Failure) {
      try check(key, HostCertificateScan(address: address, deadline: .now, caller: .nobody))
      return nil
    } catch {
      return error
    }
  }
}

func newKey() throws -> PublicKey { try KeyPair.generate(.ed25519).publicKey }

/// The failure that a piece of work ends with, and after how many milliseconds.
func failure(
  _ sourceLocation: SourceLocation = #_sourceLocation, of work: () throws -> Void
) -> (Failure?, time: Int) {
  let (found, time) = seconds { TestSupport.failure(sourceLocation, of: work) }
  return (found, Int(time * 1000))
}
