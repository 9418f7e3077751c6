import Foundation

/// A cloud that is asked for an instance and answers where its sshd is; the user's own key logs in.
///
/// Each stands below a path of its own (`/runpod/v2/pods`), since the paths of several are the same.
struct Cloud: Sendable {
  /// Its sshd, and what its switches begin with.
  let realm: Realm
  let instances: Instances
  /// The header by which the key comes.
  let key: @Sendable (Incoming) -> String?
  /// What a request asks for, by method and segments; `nil`: nothing that the API has.
  let call: @Sendable (Incoming, [String]) -> Call?
  /// The answer about one instance, `nil` where there is none of that id.
  let one: @Sendable (Instance?, Scenario) throws -> Answer
  let all: @Sendable ([Instance], Incoming, Scenario) throws -> Answer
  /// The vendor's form of an error.
  let refusal: @Sendable (_ status: Int, _ reason: String) -> Answer

  enum Call: Sendable, Equatable {
    case one(String)
    case all
  }

  /// What the cloud has, in the standard scenario.
  struct Instances: Sendable {
    let listed: [String]
    /// A regular expression of the ids that are known besides.
    let known: String
    /// The state in which one can log in.
    let ready: String
    let login: String
    let gpu: String
  }

  /// An instance as the scenario has it now.
  struct Instance: Sendable {
    let id: String
    let name: String
    let state: String
    /// Whether it is in the state in which one can log in.
    let isReady: Bool
    let host: String
    let port: Int
    /// The ports of its nodes, its own first.
    let nodes: [Int]
    let login: String
    let gpu: String
    let gpuCount: Int
    /// US cents for the whole of it.
    let centsPerHour: Int
    /// RFC 3339, of a time long ago.
    let created = "2026-01-02T03:04:05Z"

    var dollarsPerHour: JSON { .number(Double(centsPerHour) / 100) }
  }
}

extension Cloud {
  /// - Parameters:
  ///   - more: the vendor's own.
  ///   - without: those, without the prefix, of which the vendor's answers know nothing.
  func switches(_ more: [Switch] = [], without: Set<String> = []) -> [Switch] {
    let name = realm.name
    let shared = [
      Switch(
        name: "\(name).instances", standard: .array(instances.listed.map { .string($0) }),
        help: "ids that are listed; \(instances.known) are known besides"),
      Switch(
        name: "\(name).names", standard: [],
        help: "their names, in the same order; ID-name where there is none"),
      Switch(
        name: "\(name).states", standard: [.string(instances.ready)],
        help: "the course of states, one an answer about an instance; the last one stays"),
      Switch(name: "\(name).login", standard: .string(instances.login), help: "the login name"),
      Switch(
        name: "\(name).host", standard: "",
        help: "the address that is answered; empty: that of its sshd"),
      Switch(name: "\(name).gpu", standard: .string(instances.gpu), help: "what GPUs it has"),
      Switch(name: "\(name).gpu_count", standard: 1, help: "how many of them"),
      Switch(name: "\(name).cents_per_hour", standard: 210, help: "price of the whole, US cents"),
      Switch(
        name: "\(name).rate_limit", standard: 0, help: "calls a minute before 429; 0: no limit"),
    ]
    return shared.filter { !without.contains(String($0.name.dropFirst(name.count + 1))) } + more
  }
}

extension Simulator {
  /// - Parameter path: the segments below the cloud's own path.
  func answer(_ request: Incoming, _ path: [String], by cloud: Cloud, key: String) throws -> Answer
  {
    try admit(request, to: cloud, key: key)
    guard let call = cloud.call(request, path) else {
      throw Refused(cloud.refusal(404, "there is nothing here"))
    }
    guard request.method == "GET" else {
      throw Refused(cloud.refusal(405, "the method is not allowed"))
    }
    let name = cloud.realm.name
    switch call {
    case .one(let id):
      let instance = try isKnown(id, to: cloud) ? instance(id, of: cloud) : nil
      answered["\(name).\(id)", default: 0] += 1
      return try cloud.one(instance, scenario)
    case .all:
      let listed = try scenario.strings("\(name).instances").map { try instance($0, of: cloud) }
      return try cloud.all(listed, request, scenario)
    }
  }

  /// The key, and the limit of calls.
  func admit(_ request: Incoming, to cloud: Cloud, key: String) throws {
    let name = cloud.realm.name
    guard let given = cloud.key(request) else {
      throw Refused(cloud.refusal(401, "no API key was given"))
    }
    guard given == key else { throw Refused(cloud.refusal(401, "the API key is not valid")) }
    if let wait = secondsToWait(for: name, limit: scenario.integer("\(name).rate_limit")) {
      var answer = cloud.refusal(429, "too many requests")
      answer.headers["Retry-After"] = String(wait)
      throw Refused(answer)
    }
    let login = scenario.string("\(name).login")
    if !login.isEmpty { try server(cloud.realm).logins.add([login]) }
  }

  func isKnown(_ id: String, to cloud: Cloud) -> Bool {
    scenario.strings("\(cloud.realm.name).instances").contains(id)
      || id.range(of: "^(\(cloud.instances.known))$", options: .regularExpression) != nil
  }

  func instance(_ id: String, of cloud: Cloud) throws -> Cloud.Instance {
    let name = cloud.realm.name
    let course = started.contains("\(name).\(id)") ? "start_states" : "states"
    let states = scenario.strings("\(name).\(course)")
    let state = states.dropFirst(answered["\(name).\(id)"] ?? 0).first ?? states.last ?? ""
    let names = scenario.strings("\(name).names")
    let host = scenario.string("\(name).host")
    let sshd = setting.places[cloud.realm]
    let place = scenario.strings("\(name).instances").firstIndex(of: id) ?? names.count
    return Cloud.Instance(
      id: id, name: names.dropFirst(place).first ?? "\(id)-name", state: state,
      isReady: state == cloud.instances.ready, host: host.isEmpty ? sshd?.host ?? "" : host,
      port: Int(sshd?.port ?? 0), nodes: try nodes(of: cloud.realm),
      login: scenario.string("\(name).login"), gpu: scenario.string("\(name).gpu"),
      gpuCount: scenario.integer("\(name).gpu_count"),
      centsPerHour: scenario.integer("\(name).cents_per_hour"))
  }

  /// The ports of as many nodes as the scenario gives an instance; each has one of its own.
  private func nodes(of realm: Realm) throws -> [Int] {
    let count = max(1, scenario.integer("\(realm.name).nodes"))
    while nodePorts.count < count - 1 { nodePorts.append(try setting.listener.add(realm)) }
    return ([setting.ports[realm] ?? 0] + nodePorts.prefix(count - 1)).map { Int($0) }
  }
}

extension SimulatedVendor {
  /// - Parameters:
  ///   - folder: the path below which the cloud's API stands, without slashes.
  ///   - variables: from the API's own URL and its key.
  init(
    _ cloud: Cloud, title: String, folder: String, keyPrefix: String, switches: [Switch] = [],
    variables: @escaping @Sendable (_ url: String, _ key: String) -> [String: String]
  ) {
    self.init(
      name: cloud.realm.name, title: title, keyPrefix: keyPrefix, realms: [cloud.realm],
      environment: { variables("\($0)/\(folder)", $1) }, switches: cloud.switches(switches),
      answer: { simulator, request in
        let path = request.segments
        guard path.first == folder else { return nil }
        let key = simulator.setting.credentials[name: cloud.realm.name]
        return try await simulator.answer(request, Array(path.dropFirst()), by: cloud, key: key)
      })
  }
}
