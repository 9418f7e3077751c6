import Configuration
import SystemIO

/// What a cloud lists that `config.toml` describes.
struct DescribedPages: MachinePages {
  let description: CloudList

  func list(after token: String?) -> APICall {
    APICall(description.path, query: description.query)
  }

  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?) {
    let answer = PointerReader(json: try Answer.value(response.json, step: step), step: step)
    let items = try answer.items(description.items)
    return (try items.map { (item) throws(Failure) in try machine(item, step) }, nil)
  }

  private func machine(_ item: JSONValue, _ step: String) throws(Failure) -> Machine {
    let item = PointerReader(json: item, step: step)
    func text(_ place: JSONPointer?) throws(Failure) -> String? {
      try place.flatMap { (place) throws(Failure) in try item.text(place, isNeeded: false) }
    }
    guard let id = try item.text(description.id, isNeeded: true) else {
      throw item.wrong(description.id)
    }
    return Machine(
      id: id, name: try text(description.name), gpu: try text(description.gpu),
      state: try text(description.state), created: nil)
  }
}

/// The user's account at a described cloud without a list. It is asked for a machine that does not exist: most
/// clouds look at the key before they look for the machine.
struct UnlistedAccount: KeyChecking {
  let cloud: DescribedCloud
  let api: ProviderAPI
  let hints: ProviderHints

  private static let noMachine = "sshproxy-login"

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let call = cloud.call(for: Self.noMachine)
    do throws(Failure) {
      let response = try api.repeatable(
        api.request(.get, call.path, query: call.query), "check the key", hints, until: deadline)
      return KeyVerdict(owner: nil, time: response.date)
    } catch {
      guard [.notFound, .rejected].contains(error.kind) else { throw error }
      return KeyVerdict(owner: nil, time: nil)
    }
  }
}
