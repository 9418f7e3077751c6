import Configuration
import OpenSSH
import Sessions
import SystemIO

/// The user's account at a cloud that `config.toml` describes.
struct DescribedAccount: KeyChecking, MachineListing {
  let cloud: DescribedCloud
  let api: ProviderAPI
  let title: String

  private static let noMachine = "sshproxy-login"

  private var hints: ProviderHints {
    ProviderHints(provider: title, denied: "copy the key again from the provider", unknown: "")
  }

  var hasList: Bool { cloud.description.list != nil }

  /// Asks for the list. Where there is none, asks for a machine that there is not: a cloud that refuses the
  /// key says so first, if it says so at all.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    if let list = cloud.description.list {
      let response = try ask(list, step, until: deadline)
      _ = try machines(response, list, step)
      return KeyVerdict(owner: nil, time: response.date)
    }
    let call = cloud.call(for: Self.noMachine)
    do throws(Failure) {
      let response = try api.repeatable(
        api.request(.get, call.path, query: call.query), step, hints, until: deadline)
      return KeyVerdict(owner: nil, time: response.date)
    } catch {
      guard [.notFound, .rejected].contains(error.kind) else { throw error }
      return KeyVerdict(owner: nil, time: nil)
    }
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    var result = MachineList()
    guard let list = cloud.description.list else { return result }
    let step = "list the machines"
    let response = try ask(list, step, until: deadline)
    _ = result.add(try machines(response, list, step), of: response, hasMore: false)
    return result
  }

  private func ask(
    _ list: CloudList, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    try api.ask(list.path, query: list.query, step: step, hints: hints, until: deadline)
  }

  private func machines(
    _ response: HTTPResponse, _ list: CloudList, _ step: String
  ) throws(Failure) -> [Machine] {
    let answer: JSONValue
    do throws(JSONValue.Problem) {
      answer = try response.json.get()
    } catch {
      throw Failure(.invalidResponse, step: step, "the answer \(error.words)")
    }
    return try PointerReader(json: answer, step: step).items(list.items).map {
      (item) throws(Failure) in
      let item = PointerReader(json: item, step: step)
      func text(_ place: JSONPointer?) throws(Failure) -> String? {
        try place.flatMap { (place) throws(Failure) in try item.text(place, isNeeded: false) }
      }
      guard let id = try item.text(list.id, isNeeded: true) else {
        throw item.wrong(list.id)
      }
      return Machine(
        id: id, name: try text(list.name), gpu: try text(list.gpu),
        state: try text(list.state) ?? "unknown", created: nil)
    }
  }
}

/// One machine of a described cloud. Where it is not found, the key may be what is wrong: some clouds say 404
/// to a key that is none of theirs, and only the list tells.
struct DescribedProvider: SessionProvider {
  let machine: InstanceProvider
  let account: DescribedAccount

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    do throws(Failure) {
      return try machine.open(for: key, until: deadline)
    } catch {
      guard error.kind == .notFound, account.hasList else { throw error }
      do throws(Failure) {
        _ = try account.check(until: deadline)
      } catch let other {
        throw [.denied, .cancelled].contains(other.kind) ? other : error
      }
      throw error
    }
  }

  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    try machine.isAlive(session, until: deadline)
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    try machine.close(session, until: deadline)
  }
}
