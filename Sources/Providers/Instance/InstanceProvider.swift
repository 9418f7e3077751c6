import OpenSSH
import Sessions
import SystemIO

/// One machine of an `InstanceCloud`. Nothing is opened there, so there is nothing to close.
struct InstanceProvider: SessionProvider {
  let cloud: any InstanceCloud
  let api: ProviderAPI
  let id: String
  let hints: ProviderHints
  /// Is told what a wait is for, for the live line.
  let announce: (String) -> Void

  /// What is done by asking, for messages.
  var step = "ask for the machine"

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    // A machine takes minutes, and some clouds count calls.
    let backoff = Backoff(first: 500, most: 5000)
    return try api.wait(until: deadline, backoff, announce: announce) { () throws(Failure) in
      let instance = try ask(until: deadline)
      if let session = try session(instance) { return .ready(session) }
      return .waiting(line: waiting(for: instance), late: late(instance))
    }
  }

  private func ask(until deadline: Moment) throws(Failure) -> Instance {
    let call = cloud.call(for: id)
    let request = api.request(.get, call.path, query: call.query)
    let response = try api.repeatable(request, step, hints, until: deadline)
    let instance = try cloud.instance(response, of: id, step: step)
    if let named = instance.id { try Validator(step: step).expect(named, toBe: id) }
    return instance
  }

  /// - Returns: `nil` for a machine that is not ready yet.
  /// - Throws: `.rejected` for one that will not be.
  private func session(_ instance: Instance) throws(Failure) -> Session? {
    let states = cloud.states
    guard let state = instance.state else { return nil }
    if states.gone.contains(state) {
      throw Failure(
        .rejected, step: step,
        "\(hints.provider) says that the machine is \(state.sanitized(limit: 40))",
        hint: "look at the machine at the provider, and start it there")
    }
    guard states.ready.contains(state), let place = instance.place else { return nil }
    let validator = Validator(step: step)
    return Session(
      id: nil, endpoint: try validator.endpoint(place.host, place.port),
      login: .users(
        login: try place.login.map { (login) throws(Failure) in
          try validator.login(login, field: "user")
        }, identityFile: place.identityFile),
      hostTrust: .users, jump: place.jump, options: place.options,
      expires: WallClock.seconds + Session.usualLife)
  }

  private func waiting(for instance: Instance) -> String {
    let words = [instance.state, instance.progress].compactMap { $0 }.joined(separator: " ")
    return "waiting for \(id)" + (words.isEmpty ? "" : ": \(words.sanitized(limit: 40))")
  }

  private func late(_ instance: Instance) -> Failure {
    let problem: String
    if let state = instance.state {
      let shown = state.sanitized(limit: 40)
      problem =
        if cloud.states.ready.contains(state) {
          "it is \(shown), but has no address"
        } else if cloud.states.waiting.contains(state) {
          "it is still \(shown)"
        } else {
          "its state is \"\(shown)\", which is unknown"
        }
    } else {
      problem = "\(hints.provider) names no state"
    }
    return Failure(
      .temporary, step: "wait for the machine", "it is not ready in time: \(problem)",
      hint: "it may go on starting: run it again")
  }

  /// There is no session at the provider, so it is asked again: the session is alive if the answer is still
  /// the same.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    try isThere { () throws(Failure) in
      guard let now = try self.session(try ask(until: deadline)) else { return false }
      return now.endpoint == session.endpoint && now.login == session.login
        && now.jump == session.jump
    }
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {}
}

extension InstanceProvider {
  init(_ access: VendorAccess, _ cloud: any InstanceCloud, _ id: String) {
    self.init(
      cloud: cloud, api: access.api(), id: id, hints: ProviderHints(access),
      announce: access.announce)
  }
}
