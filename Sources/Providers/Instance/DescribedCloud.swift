import Configuration
import OpenSSH
import Sessions
import SystemIO

extension Vendor {
  /// A cloud that a table of `config.toml` describes.
  static func described(_ facts: VendorFacts, _ description: CloudDescription) -> Vendor {
    let cloud = DescribedCloud(description: description)
    let hints = ProviderHints(
      provider: facts.kind.title, denied: "copy the key again from the provider", notFound: "")
    guard let list = description.list else {
      return Vendor(
        facts, provider: { InstanceProvider($0, cloud, $1) },
        keyCheck: { UnlistedAccount(cloud: cloud, api: $0.api(), hints: hints) },
        withoutList: "[providers.\(facts.name)] names no list")
    }
    let account = { @Sendable (access: VendorAccess) -> ListedAccount in
      ListedAccount(pages: DescribedPages(description: list), api: access.api(), hints: hints)
    }
    return Vendor(
      facts,
      provider: {
        let machine = InstanceProvider($0, cloud, $1)
        // A name that is not found is looked for in the list all the same.
        return facts.hasNames ? machine : DescribedProvider(machine: machine, account: account($0))
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
    case .place(let place): port = try reader.port(place, isNeeded: isNeeded)
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

/// One machine of a described cloud with a list that has no names. Where it is not found, the key may be what is
/// wrong: some clouds say 404 to a key that is none of theirs, and only the list tells.
struct DescribedProvider: SessionProvider {
  let machine: InstanceProvider
  let account: ListedAccount

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    do throws(Failure) {
      return try machine.open(for: key, until: deadline)
    } catch {
      guard error.kind == .notFound else { throw error }
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
