import Dialing
import Foundation
import Grammar
import OpenSSH
import SessionRecord
import SystemIO
import TestSupport
import Testing

@testable import Configuration
@testable import Endpoint
@testable import Sessions

/// Connecting as far as it goes without a server that speaks SSH.
@Suite struct SSHConnectorTests {
  private let fixture: EndpointFixture

  init() throws { fixture = try EndpointFixture() }

  @Test(.timed) func jumpHostIsLeftToSSH() throws {
    var session = fixture.session()
    session.jump = [try #require(JumpHost("bastion"))]
    let (found, time) = failure {
      _ = try fixture.connector(session, seconds: 20).connect(to: try fixture.new(session))
    }
    try expectTime(Double(time) / 1000, within: 1)
    #expect(found?.kind == .rejected)
  }

  /// An answer that leads to this computer is refused before anybody is dialled.
  @Test func localAddressIsRefusedBeforeItIsDialled() throws {
    let listener = try LoopbackListener()
    let session = fixture.session(port: listener.port)
    let connector = fixture.connector(session, seconds: 20, allowsLocal: false)
    let (found, _) = failure { _ = try connector.connect(to: try fixture.new(session)) }
    #expect(found?.kind == .invalidResponse)
    #expect(!listener.hasVisitor(within: 100))
  }

  @Test func refusedPortIsDialledUntilTheDeadline() throws {
    let port = try LoopbackListener().port
    let session = fixture.session(port: port)
    let (found, time) = failure {
      _ = try fixture.connector(session, seconds: 1).connect(to: try fixture.new(session))
    }
    #expect(found?.kind == .temporary)
    #expect(found?.message.hasPrefix("127.0.0.1 port \(port): ") == true)
    #expect(found?.hint?.contains("sshproxy check lab") == true)
    #expect(time >= 1000)
  }

  /// A server that hangs up while keys are exchanged may be busy: it is dialled again.
  @Test func whoHangsUpBeforeKeysIsDialledAgain() throws {
    let listener = try LoopbackListener()
    let session = fixture.session(port: listener.port)
    let visits = Visits()
    let server = Thread {
      while let visitor = try? listener.accept() {
        visits.add()
        try? visitor.send("SSH-2.0-busy\r\n")
        visitor.close()
      }
    }
    server.start()
    let (found, _) = failure {
      _ = try fixture.connector(session, seconds: 2).connect(to: try fixture.new(session))
    }
    #expect(found?.kind == .temporary)
    #expect(visits.count > 1)
  }

  @Test(.timed) func vanishedCallerEndsTheDialling() throws {
    let port = try LoopbackListener().port
    let session = fixture.session(port: port)
    let pipe = try SystemIO.Pipe()
    let lifeline = try pipe.reading.duplicated()
    _ = pipe.intoReading()
    let connector = fixture.connector(
      session, seconds: 20, caller: HangUpMonitor(output: -1, lifeline: lifeline.number))
    let (found, time) = failure { _ = try connector.connect(to: try fixture.new(session)) }
    try expectTime(Double(time) / 1000, within: 5)
    #expect(found?.kind == .cancelled)
  }

  /// The provider is asked once about a stored session that says nothing for 3 s; its word that the
  /// session is gone ends the dialling, long before the deadline.
  @Test(.timed) func silentSessionIsAskedAboutOnce() throws {
    let listener = try LoopbackListener()
    let session = fixture.session(port: listener.port)
    let stored = try fixture.stored(session)
    var names: [String] = []
    let (found, time) = failure {
      _ = try fixture.connector(session, seconds: 20).connect(
        to: stored, in: fixture.store,
        ask: { (name, _) throws(Failure) in
          names.append(name)
          throw Failure(.temporary, "the session is gone")
        })
    }
    try expectTime(Double(time) / 1000, within: 15)
    #expect(found?.message == "the session is gone")
    #expect(names == [stored.record.name])
    #expect(time >= 3000)
  }

  /// A session that was made for this very command is not asked about.
  @Test func newSessionIsNotAskedAbout() throws {
    let session = fixture.session()
    var questions = 0
    let probe = ProviderProbe(
      try fixture.stored(session, age: 0), deadline: .now + 20_000, trace: { _ in },
      ask: { (_, _) throws(Failure) in
        questions += 1
        return nil
      })
    #expect(probe.due == nil)
    #expect(try probe.ask() == nil)
    #expect(questions == 0)
  }

  /// Only the same session is dialled at its new addresses: another one has another key.
  @Test(arguments: [true, false])
  func movedEndpointIsDialledWhereItIs(isSame: Bool) throws {
    let session = fixture.session(port: 2222)
    let before = try fixture.stored(session)
    var other = session
    if !isSame { other.id = "another" }
    var now = try fixture.stored(other)
    let place = try #require(SocketAddress(host: "127.0.0.2", port: 2222))
    now = StoredSession(
      record: now.record.at([place]), session: other, target: now.target, keyType: .ed25519,
      directory: "/elsewhere")
    let answer = now
    let probe = ProviderProbe(
      before, deadline: .now + 20_000, trace: { _ in }, ask: { (_, _) throws(Failure) in answer })
    probe.destination = .init(before.record.addresses, preamble: Array("token\n".utf8))
    let moved = try probe.start()
    #expect(moved?.addresses == (isSame ? [place] : nil))
    #expect(moved?.preamble == (isSame ? Array("token\n".utf8) : nil))
    #expect(probe.directory == (isSame ? "/elsewhere" : fixture.directory))
    // Once is enough.
    #expect(try probe.due == nil && probe.start() == nil)
  }
}

/// Counted on one thread and read on another.
private final class Visits: @unchecked Sendable {
  private let lock = NSLock()
  private var visits = 0

  func add() { lock.withLock { visits += 1 } }

  var count: Int { lock.withLock { visits } }
}

extension SessionRecord {
  fileprivate func at(_ addresses: [SocketAddress]) -> SessionRecord {
    var record = self
    record.addresses = addresses
    return record
  }
}
