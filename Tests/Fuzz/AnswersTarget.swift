import SystemIO

@testable import Configuration
@testable import OpenSSH
@testable import Providers
@testable import Sessions

/// Whatever a provider answers becomes a session whose every field is inside its grammar, or a
/// failure that can be shown.
enum AnswersTarget {
  private static let server = CannedServer()
  nonisolated(unsafe) private static let caller = HangUpMonitor.nobody
  nonisolated(unsafe) private static let client = HTTPClient(caller: caller, environment: [:])
  /// What the corpus's certificates are for.
  private static let key = try? PublicKey(line: corpusKey)
  /// Between two answers, and what stands for the server's port in them.
  private static let separator: UInt8 = 0x1e
  private static let portMark = Array("@PORT@".utf8)

  static func run(_ input: [UInt8]) {
    guard let server, let key else { return promise(false, "no server") }
    let kind = input.first ?? 0
    let port = Array(String(server.port).utf8)
    let replies = input.dropFirst()
      .split(separator: separator, maxSplits: 5, omittingEmptySubsequences: false)
      .map { reply in
        let statuses = [200, 201, 200, 204, 400, 401, 404, 409, 410, 422, 302, 418]
        let status = statuses[Int(reply.first ?? 0) % statuses.count]
        return CannedServer.Reply(
          status: status, body: Array(reply.dropFirst()).replacing(portMark, with: port))
      }
    server.answer(with: replies)
    guard let provider = provider(kind, "http://127.0.0.1:\(server.port)", replies) else {
      return promise(false, "no provider")
    }
    do throws(Failure) {
      let session = try provider.open(for: key, until: Moment.now + 60)
      check(session)
      if kind & 0x10 != 0 { _ = try provider.isAlive(session, until: Moment.now + 60) }
      if kind & 0x20 != 0 { try provider.close(session, until: Moment.now + 60) }
    } catch {
      promiseShowable(
        error, kinds: [.invalidResponse, .notFound, .unreachable, .rejected, .temporary, .denied])
    }
  }

  private static func provider(
    _ kind: UInt8, _ base: String, _ replies: [CannedServer.Reply]
  ) -> (any SessionProvider)? {
    guard let apiKey = try? APIKey("fuzz-key", origin: "the fuzzer") else { return nil }
    let api = ProviderAPI(client: client, base: base, key: apiKey)
    switch kind % 8 {
    case 0, 1: return Prime(api: api, sandbox: "sb1", ttl: 900)
    case 2, 3, 4: return Dedalus(api: api, machine: "dm-abc", announce: { _ in })
    case 5, 6: return InstanceProvider.tensorPool(api, "node1", home: FuzzTarget.folder)
    default:
      let answer = FuzzTarget.folder + "/answer"
      guard overwrite(answer, Array(replies.first?.body ?? [])) else { return nil }
      return CommandProvider(
        words: ["/bin/cat", answer], id: "i-42", environment: [], caller: caller)
    }
  }

  private static func check(_ session: Session) {
    promise(session.id.map(Grammar.isSessionID) ?? true, "the session's id")
    promise(Grammar.isHost(session.endpoint.host) && session.endpoint.port > 0, "the endpoint")
    promise(session.loginName.map(Grammar.isLogin) ?? true, "the login")
    promise(session.jump?.isEmpty != true, "the jump")
    promise(session.preamble.count <= 1024, "the preamble's length")
    promise(session.preamble.dropLast().allSatisfy { (0x20...0x7e).contains($0) }, "the preamble")
    promise(session.expires > 0, "the end")
    promiseWritable(
      session.loginSettings(for: "node1.tensorpool", directory: "/state/sessions/alias/name"))
    if let text = session.knownHostsText, !text.isEmpty {
      promise(text.utf8.count { $0 == 0x0a } == 1 && text.hasSuffix("\n"), "known hosts")
      let name = session.knownHostsName
      promise(KnownHosts([text]).lookup(name: name).authorities.count == 1, "the authority")
    }
    if case .sessionKey(_, let certificate?) = session.login {
      let line = certificate.line
      promise((try? Certificate(line: line)) == certificate, "the certificate")
    }
  }
}
