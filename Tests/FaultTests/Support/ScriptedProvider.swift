import Foundation
import TestSupport

/// The calls that the providers' APIs get.
enum Call: String, Sendable, CaseIterable {
  case primeCreate = "Prime: create"
  case primeAuthorize = "Prime: authorize"
  case primeClose = "Prime: close"
  case dedalusCreate = "Dedalus: create"
  case dedalusPoll = "Dedalus: poll"
  case dedalusClose = "Dedalus: close"
  case tensorpoolAsk = "TensorPool: ask"
  case daytonaAsk = "Daytona: ask"
  case daytonaStart = "Daytona: start"
  case daytonaAccess = "Daytona: create the login"
  case daytonaRevoke = "Daytona: revoke"
  case podAsk = "Prime's pods: ask"
  case runpodAsk = "RunPod: ask"
  case vastAsk = "Vast.ai: ask"
  case lambdaAsk = "Lambda: ask"
  case shadeformAsk = "Shadeform: ask"
  case describedAsk = "a described cloud: ask"

  init?(_ request: APIRequest) {
    if let cloud = CloudAnswer.call(request) {
      self = cloud
      return
    }
    let parts = request.path.split(separator: "/").map(String.init)
    switch (request.method, parts.first, parts.last) {
    case ("POST", "api", "ssh-session"): self = .primeCreate
    case ("POST", "gateway", "authorize"): self = .primeAuthorize
    case ("DELETE", "api", _): self = .primeClose
    case ("POST", "v1", "ssh"): self = .dedalusCreate
    case ("GET", "v1", _): self = .dedalusPoll
    case ("DELETE", "v1", _): self = .dedalusClose
    case ("GET", "ssh", _): self = .tensorpoolAsk
    case ("GET", "daytona", _): self = .daytonaAsk
    case ("POST", "daytona", "start"): self = .daytonaStart
    case ("POST", "daytona", "ssh-access"): self = .daytonaAccess
    case ("DELETE", "daytona", _): self = .daytonaRevoke
    default: return nil
    }
  }

  /// The alias whose session needs this call.
  var alias: String {
    switch self {
    case .primeCreate, .primeAuthorize, .primeClose: "sb1.prime"
    case .dedalusCreate, .dedalusPoll, .dedalusClose: "dm-1.dedalus"
    case .tensorpoolAsk: "node1.tensorpool"
    case .daytonaAsk, .daytonaStart, .daytonaAccess, .daytonaRevoke: "sb1.daytona"
    default: CloudAnswer.all[self]?.alias ?? ""
    }
  }
}

/// The APIs on one port of 127.0.0.1, byte by byte under a test's control: each call is
/// answered as the vendors do, unless `fault` answers it. All that changes is under the lock: each connection
/// has a thread.
final class ScriptedProvider: @unchecked Sendable {
  /// - Parameter number: how many such calls there were before.
  typealias FaultyReply = @Sendable (_ call: Call, _ number: Int, _ request: APIRequest) -> Reply?

  let server: ScriptedServer
  let endpointPort: UInt16
  private let lock = NSLock()
  private var fault: FaultyReply?
  private var calls: [Call: Int] = [:]
  private var open: Set<String> = []
  private var certificates: [String: String] = [:]
  private var keys: [String: String] = [:]
  private var requests: [APIRequest] = []
  private var idempotent: [String: Reply] = [:]
  private var next = 0

  init(endpointPort: UInt16, isListening: Bool = true) throws {
    self.endpointPort = endpointPort
    server = try ScriptedServer(isListening: isListening) { _, _ in }
    restore()
  }

  /// Answers again, whatever the server was told to do with connections meanwhile.
  func restore() {
    server.setScript { [weak self] connection, _ in self?.serve(connection) }
  }

  var url: String { "http://127.0.0.1:\(server.port)" }

  func setFault(_ fault: FaultyReply?) {
    lock.withLock {
      self.fault = fault
      calls = [:]
    }
  }

  /// Sessions that were made and not closed.
  var openSessions: Set<String> { lock.withLock { open } }

  /// The provider loses its sessions.
  /// - Parameter count: so many it keeps.
  func forgetSessions(but count: Int = 0) {
    lock.withLock { open = Set(open.sorted().prefix(count)) }
  }

  func count(of call: Call) -> Int { lock.withLock { calls[call] ?? 0 } }
  var allRequests: [APIRequest] { lock.withLock { requests } }

  /// Counts the calls anew, so that a fault of the first one strikes again.
  func forgetCalls() { lock.withLock { calls = [:] } }

  func forgetRequests() { lock.withLock { requests = [] } }

  private func serve(_ connection: Connection) {
    guard let request = APIRequest(from: connection) else { return }
    guard let call = Call(request) else {
      return Reply(404, #"{"detail":"no such path"}"#).send(to: connection)
    }
    let (number, fault) = lock.withLock {
      requests.append(request)
      calls[call, default: 0] += 1
      return ((calls[call] ?? 1) - 1, self.fault)
    }
    let reply = fault?(call, number, request) ?? normal(call, request)
    reply.send(to: connection)
  }

  /// What the vendor answers.
  func normal(_ call: Call, _ request: APIRequest) -> Reply {
    switch call {
    case .primeCreate: return Reply(200, primeSession(request))
    case .primeAuthorize: return Reply(200, #"{"status":"authorized"}"#)
    case .dedalusCreate:
      let key = request.header("idempotency-key") ?? UUID().uuidString
      if let earlier = lock.withLock({ idempotent[key] }) { return earlier }
      let pending = dedalusPending(newSession("wssh"), for: request.field("public_key") ?? "")
      lock.withLock { idempotent[key] = Reply(200, pending) }
      return Reply(200, pending)
    case .dedalusPoll:
      let id = request.path.split(separator: "/").last.map(String.init) ?? ""
      guard lock.withLock({ open.contains(id) }) else {
        return Reply(404, #"{"title":"Not Found","status":404,"detail":"ssh session not found"}"#)
      }
      return Reply(200, dedalusReady(id))
    case .primeClose, .dedalusClose:
      let id = request.path.split(separator: "/").last.map(String.init) ?? ""
      return lock.withLock { open.remove(id) } == nil
        ? Reply(404, #"{"detail":"SSH session not found"}"#) : Reply(200, #"{"success":true}"#)
    case .daytonaAsk, .daytonaStart: return Reply(200, Self.sandbox("started"))
    case .daytonaAccess: return Reply(200, daytonaAccess())
    case .daytonaRevoke:
      let token = request.parameter("token") ?? ""
      return lock.withLock { open.remove(token) } == nil
        ? Reply(404, #"{"statusCode":404,"message":"no such login"}"#)
        : Reply(200, Self.sandbox("started"))
    case .tensorpoolAsk:
      return Reply(200, #"{"command":"ssh -p \#(endpointPort) ubuntu@127.0.0.1"}"#)
    default:
      return Reply(200, CloudAnswer.all[call]?.body(endpointPort) ?? "")
    }
  }

  /// The normal answer for a caller that will not learn of the session in it, which would stay
  /// open for ever: it is forgotten here.
  func unlearnt(_ call: Call, _ request: APIRequest) -> Reply {
    let before = openSessions
    let reply = normal(call, request)
    if [.primeCreate, .dedalusCreate, .daytonaAccess].contains(call) {
      lock.withLock { open = before }
    }
    return reply
  }

  func forget(_ session: String) { lock.withLock { _ = open.remove(session) } }

  func newSession(_ kind: String) -> String {
    lock.withLock {
      next += 1
      open.insert("\(kind)-\(next)")
      return "\(kind)-\(next)"
    }
  }

  /// - Parameter expires: seconds from now.
  func primeSession(_ request: APIRequest, expires: Double = 900) -> String {
    let id = newSession("ssh")
    let time = Self.time(expires)
    let common = """
      "session_id":"\(id)","sandbox_id":"sb1","host":"127.0.0.1","port":\(endpointPort),\
      "expires_at":"\(time)","ttl_seconds":900
      """
    if request.path.contains("/vm") { return "{\(common)}" }
    return """
      {\(common),"exposure_id":"exp-1","external_endpoint":"127.0.0.1:\(endpointPort)",\
      "gateway_url":"\(url)/gateway","user_ns":"ns-1","job_id":"job-1","token":"gwt_0123456789abcdef"}
      """
  }

  func dedalusPending(_ id: String, for key: String) -> String {
    if let authority = try? Authority.shared.get() {
      let certificate = try? authority.certificate(for: key, principals: "u-1")
      lock.withLock {
        certificates[id] = certificate
        keys[id] = key
      }
    }
    return """
      {"session_id":"\(id)","machine_id":"dm-1","status":"wake_in_progress",\
      "created_at":"2026-01-01T00:00:00Z","retry_after_ms":20}
      """
  }

  /// The key that a Dedalus session was opened with.
  func publicKey(of id: String) -> String { lock.withLock { keys[id] ?? "" } }

  /// - Parameter members: of `connection` that are other than usual, as JSON; `nil` leaves one out.
  func dedalusReady(_ id: String, _ members: [String: String?] = [:]) -> String {
    let key = (try? Authority.shared.get().publicKey) ?? ""
    let trust = #"{"kind":"cert_authority","host_pattern":"127.0.0.1","public_key":"\#(key)"}"#
    var connection: [String: String] = [
      "endpoint": #""127.0.0.1""#, "port": "\(endpointPort)", "ssh_username": #""u-1""#,
      "user_certificate": "\"\(lock.withLock { certificates[id] } ?? "")\"", "host_trust": trust,
    ]
    for (name, value) in members { connection[name] = value }
    let fields = connection.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    return """
      {"session_id":"\(id)","machine_id":"dm-1","status":"ready",\
      "created_at":"2026-01-01T00:00:00Z","expires_at":"\(Self.time(900))",\
      "connection":{\(fields.joined(separator: ","))}}
      """
  }

  static func time(_ seconds: Double) -> String {
    Date(timeIntervalSinceNow: seconds).formatted(.iso8601)
  }
}

/// What Daytona answers: a sandbox's state, and a token that is the login name.
extension ScriptedProvider {
  /// What its tokens begin with: by it they are found where they should not be.
  static let daytonaToken = "dtnT0ken0fDayt0na"

  static func sandbox(_ state: String, id: String = "sb1", name: String = "box") -> String {
    #"{"id":"\#(id)","name":"\#(name)","state":"\#(state)"}"#
  }

  /// A new token ends those that its sandbox had.
  func daytonaAccess() -> String {
    for old in openSessions where old.hasPrefix(Self.daytonaToken) { forget(old) }
    return Self.access(newSession(Self.daytonaToken), port: endpointPort)
  }

  /// - Parameter expires: seconds from now.
  private static func access(_ token: String, port: UInt16, expires: Double = 3600) -> String {
    """
    {"id":"access-1","sandboxId":"sb1","token":"\(token)","expiresAt":"\(time(expires))",\
    "createdAt":"\(time(0))","sshCommand":"ssh -p \(port) \(token)@127.0.0.1"}
    """
  }
}
