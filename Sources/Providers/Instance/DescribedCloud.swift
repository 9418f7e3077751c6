import Configuration
import SystemIO

extension Vendor {
  /// A cloud that a table of `config.toml` describes.
  static func described(_ facts: VendorFacts, _ description: CloudDescription) -> Vendor {
    let cloud = DescribedCloud(description: description)
    let hints = ProviderHints(
      provider: facts.kind.title, denied: "copy the key again from the provider", unknown: "")
    guard let list = description.list else {
      return Vendor(
        facts, provider: { InstanceProvider($0, cloud, $1) },
        keyCheck: { UnlistedAccount(cloud: cloud, api: $0.api(), hints: hints) },
        withoutList: "[providers.\(facts.name)] names no list")
    }
    let account = { @Sendable (call: VendorCall) -> ListedAccount in
      ListedAccount(pages: DescribedPages(description: list), api: call.api(), hints: hints)
    }
    return Vendor(
      facts,
      provider: {
        DescribedProvider(machine: InstanceProvider($0, cloud, $1), account: account($0))
      }, keyCheck: { account($0) }, list: { account($0) })
  }
}

struct DescribedCloud: InstanceCloud {
  let description: CloudDescription

  var states: InstanceStates {
    InstanceStates(
      ready: description.ready, waiting: description.waiting, gone: description.gone)
  }

  func call(for id: String) -> APICall {
    let mark = CloudDescription.idMark
    return APICall(
      description.path.map { $0.replacing(mark, with: id) },
      query: description.query.replacing(mark, with: id.percentEncoded))
  }

  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance {
    // For its words about what is no JSON object.
    _ = try Answer(response.json, step: step)
    let reader = PointerReader(json: try Answer.value(response.json, step: step), step: step)
    let named = try description.id.flatMap { (place) throws(Failure) in
      try reader.text(place, isNeeded: true)
    }
    let state = try reader.text(description.state, isNeeded: true)
    let isReady = state.map(description.ready.contains) ?? false
    return Instance(
      id: named, state: state, place: try place(reader, isNeeded: isReady))
  }

  /// - Parameter isNeeded: whether a member that is missing is a mistake; before, the machine may not have
  ///   it yet.
  private func place(_ reader: PointerReader, isNeeded: Bool) throws(Failure) -> Instance.Place? {
    let host = try reader.text(description.host, isNeeded: isNeeded)
    let port: Int?
    switch description.port {
    case .constant(let number): port = number
    case .place(let place): port = try reader.number(place, isNeeded: isNeeded)
    }
    let user: String?
    switch description.user {
    case .constant(let text): user = text
    case .place(let place): user = try reader.text(place, isNeeded: isNeeded)
    }
    guard let host, !host.isEmpty, let port, let user else { return nil }
    return Instance.Place(host: host, port: port, login: user)
  }
}

/// Values at places of an answer; `nil` for `null`.
struct PointerReader {
  let json: JSONValue
  let step: String

  func text(_ place: JSONPointer, isNeeded: Bool) throws(Failure) -> String? {
    guard let value = try value(place, isNeeded) else { return nil }
    // Some clouds number their machines.
    guard let text = value.text ?? value.int.map(String.init) else { throw wrong(place) }
    return text
  }

  func number(_ place: JSONPointer, isNeeded: Bool) throws(Failure) -> Int? {
    guard let value = try value(place, isNeeded) else { return nil }
    guard let number = value.int ?? value.text.flatMap(Grammar.port) else { throw wrong(place) }
    return number
  }

  /// The items of a list.
  /// - Parameter place: `nil` for the whole answer.
  func items(_ place: JSONPointer?) throws(Failure) -> [JSONValue] {
    guard let place else {
      guard case .array(let list) = json else {
        throw Failure(
          .invalidResponse, step: step,
          "the answer is not an array, and no \"list_items\" says where it stands")
      }
      return list
    }
    let found = try value(place, true)
    guard case .array(let list)? = found else { throw wrong(place) }
    return list
  }

  private func value(_ place: JSONPointer, _ isNeeded: Bool) throws(Failure) -> JSONValue? {
    guard let value = place.value(in: json) else {
      guard isNeeded else { return nil }
      throw Failure(
        .invalidResponse, step: step, "the answer has nothing at \"\(place.text.sanitized())\"",
        hint: "is that the right place in config.toml?")
    }
    return value == .null ? nil : value
  }

  func wrong(_ place: JSONPointer) -> Failure {
    Failure(
      .invalidResponse, step: step,
      "what stands at \"\(place.text.sanitized())\" in the answer is of the wrong type")
  }
}
