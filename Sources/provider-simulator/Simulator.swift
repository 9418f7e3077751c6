import Foundation

/// The providers and what they remember. One actor, so that each request sees a settled world.
actor Simulator {
  /// What stays the same for the simulator's life.
  struct Setting: Sendable {
    var directory: URL
    /// The base URL in answers.
    var url: String
    var keys: KeyFiles
    var servers: [Realm: SSHServer]
    var children: Children
    var listener: EndpointListener
    /// Where the realms' sshd's are, nothing in between.
    var places: [Realm: Loopback.Place]
    var ports: [Realm: UInt16] { places.mapValues(\.port) }
    /// The port that wants Prime's preamble.
    var preamblePort: UInt16
    var credentials: Credentials
    var log: FileHandle?
  }

  let setting: Setting
  let began = Date()
  var scenario = Scenario()
  var faults: [Fault] = []
  var primeSessions: [String: PrimeSession] = [:]
  var dedalusSessions: [String: DedalusSession] = [:]
  var idempotency = IdempotencyLedger()
  var record: [RequestRecord] = []
  /// When each sandbox was given a session, or a cloud was asked, for the rate limits.
  var limitedCalls: [String: [Date]] = [:]
  /// How often each instance was asked for, by `realm.id`: where it is in its course of states.
  var answered: [String: Int] = [:]
  /// The instances that were started, by `realm.id`: their course is `start_states` since.
  var started: Set<String> = []
  /// Daytona's ssh tokens.
  var daytonaAccess: [String: DaytonaAccess] = [:]
  /// The ports of a pod's second node and of those after it.
  var nodePorts: [UInt16] = []

  init(_ setting: Setting) {
    self.setting = setting
  }

  /// Carries out a request, spoiled as the scenario says.
  func respond(to request: Incoming) async -> (answer: Answer, fault: Fault?) {
    let began = Date()
    if request.segments.first == "_simulator" {
      return (await control(request), nil)
    }
    let index = record.count
    record.append(RequestRecord(request: request, began: began))
    let fault = takeFault(for: request)
    if let fault, fault.delay > .zero { try? await Task.sleep(for: fault.delay) }
    var answer: Answer?
    if !(fault?.replacesAnswer ?? false) || fault?.carriesOut ?? false {
      answer = await carryOut(request)
    }
    let sent = fault.map { $0.spoiled(answer) } ?? answer ?? Answer(500, [:])
    finish(index, began: began, status: sent.status)
    return (sent, fault)
  }

  private func carryOut(_ request: Incoming) async -> Answer {
    do {
      if ["GET", "DELETE"].contains(request.method), !request.body.isEmpty {
        throw Refused(400, ["detail": "unexpected body"])
      }
      for vendor in SimulatedVendor.all {
        if let answer = try await vendor.answer(self, request) { return answer }
      }
      return Answer(404, ["detail": "Not Found"])
    } catch let refused as Refused {
      return refused.answer
    } catch {
      return Answer(500, ["detail": "\(error)"])
    }
  }

  private func takeFault(for request: Incoming) -> Fault? {
    guard let index = faults.firstIndex(where: { $0.matches(request) }) else { return nil }
    if faults[index].times > 0 { faults[index].times -= 1 }
    return faults[index]
  }

  private func finish(_ index: Int, began: Date, status: Int) {
    // A reset may have emptied the record meanwhile.
    guard record.indices.contains(index), record[index].began == began else { return }
    record[index].ended = Date()
    record[index].status = status
    try? setting.log?.write(contentsOf: Data("\(record[index].line)\n".utf8))
  }

  func server(_ realm: Realm) throws -> SSHServer {
    guard let server = setting.servers[realm] else { throw Misuse("no sshd for \(realm)") }
    return server
  }

  /// A port for one session, open only after `delay`, or the realm's own when there is none.
  func ownPort(_ realm: Realm, wantsPreamble: Bool, ifDelayedBy delay: Int) throws -> UInt16 {
    guard delay > 0 else {
      return wantsPreamble ? setting.preamblePort : setting.ports[realm] ?? 0
    }
    let port = try setting.listener.add(realm, wantsPreamble: wantsPreamble)
    setting.listener.schedule(port, opensAt: .now + .seconds(86_400), closesAt: nil)
    return port
  }

  /// Gives up a session's port, unless it is the realm's own.
  func closeOwnPort(_ port: UInt16) {
    if port != setting.preamblePort, !setting.ports.values.contains(port) {
      setting.listener.remove(port)
    }
  }

  /// Counts a call against a limit of calls in 60 seconds; 0: no limit.
  /// - Returns: seconds until the next may come, `nil` when this one may.
  func secondsToWait(for name: String, limit: Int) -> Int? {
    guard limit > 0 else { return nil }
    let now = Date()
    let recent = (limitedCalls[name] ?? []).filter { now.timeIntervalSince($0) < 60 }
    guard recent.count < limit else {
      let wait = 60 - now.timeIntervalSince(recent[recent.count - limit])
      return Int(wait.rounded(.up))
    }
    limitedCalls[name] = recent + [now]
    return nil
  }

  static func token(_ bytes: Int) -> String {
    (0..<bytes).map { _ in
      let digits = String(UInt8.random(in: 0...255), radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
