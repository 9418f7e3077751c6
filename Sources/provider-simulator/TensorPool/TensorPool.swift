import Foundation

extension Realm {
  static let tensorpool = Realm(name: "tensorpool")
}

extension SimulatedVendor {
  static let tensorpool = SimulatedVendor(
    name: "tensorpool", title: "TensorPool", keyPrefix: "tp-", realms: [.tensorpool],
    environment: { url, key in
      ["TENSORPOOL_KEY": key, "TENSORPOOL_ENGINE": url]
    },
    switches: [
      Switch(
        name: "tensorpool.instances", standard: ["node1", "node2"],
        help: "ids that are listed; nodeN is known besides"),
      Switch(name: "tensorpool.login", standard: "ubuntu", help: "login in the command"),
      Switch(
        name: "tensorpool.command", standard: "ssh -p {port} {login}@{host}",
        help: "the command, verbatim but for {port} {login} {host} {user_key}; empty: none"),
      Switch(name: "tensorpool.message", standard: "", help: "`message` beside the command"),
    ],
    answer: { try await $0.tensorpool($1) })
}

/// TensorPool: a command line for a platform, and the few calls that its client makes besides.
extension Simulator {
  private static let systems = ["windows", "linux", "darwin", "Windows", "Linux", "Darwin"]

  /// - Returns: `nil` when the path is none of TensorPool's.
  func tensorpool(_ request: Incoming) throws -> Answer? {
    let path = request.segments
    let isKnown =
      switch path.first {
      case "ssh": path.count == 2
      case "user", "cluster": path.count == 2
      case "health": path.count == 1
      default: false
      }
    guard isKnown else { return nil }
    if path == ["health"], request.method == "POST" {
      return Answer(200, ["message": "healthy"])
    }
    guard let key = request.bearer else { throw Refused(403, ["detail": "Not authenticated"]) }
    guard key == setting.credentials[.tensorpool] else {
      throw Refused(401, ["detail": "Invalid TensorPool key"])
    }
    guard request.method == "GET" else { throw Refused(405, ["detail": "Method Not Allowed"]) }
    switch (path[0], path[1]) {
    case ("user", "info"): return Answer(200, ["message": "simulator@example.org, 100.00 USD"])
    case ("cluster", "list"):
      let names = scenario.strings("tensorpool.instances").joined(separator: "\n")
      return Answer(200, ["message": .string("Instances:\n\(names)")])
    case ("ssh", let instance): return try command(for: instance, request)
    default: throw Refused(404, ["detail": "Not Found"])
    }
  }

  private func command(for instance: String, _ request: Incoming) throws -> Answer {
    guard let system = request.parameter("system") else {
      throw Refused(Self.invalidSystem("Field required", type: "missing"))
    }
    guard Self.systems.contains(system) else {
      let list = Self.systems.map { "'\($0)'" }.joined(separator: ", ")
      throw Refused(Self.invalidSystem("Input should be \(list)", type: "enum"))
    }
    let numbered = instance.range(of: "^node[0-9]+$", options: .regularExpression) != nil
    guard numbered || scenario.strings("tensorpool.instances").contains(instance) else {
      throw Refused(404, ["message": "Instance not found"])
    }
    let login = scenario.string("tensorpool.login")
    try server(.tensorpool).logins.add([login])
    let words = [
      "{port}": String(setting.ports[.tensorpool] ?? 0), "{login}": login, "{host}": "127.0.0.1",
      "{user_key}": setting.directory.appending(path: "user_key").path,
    ]
    let command = words.reduce(scenario.string("tensorpool.command")) {
      $0.replacingOccurrences(of: $1.key, with: $1.value)
    }
    let message = scenario.string("tensorpool.message")
    var answer: [String: JSON] = [:]
    if !command.isEmpty { answer["command"] = .string(command) }
    if !message.isEmpty { answer["message"] = .string(message) }
    return Answer(200, .object(answer))
  }

  private static func invalidSystem(_ message: String, type: String) -> Answer {
    Answer(
      422,
      [
        "detail": [
          ["loc": ["query", "system"], "msg": .string(message), "type": .string(type)]
        ]
      ])
  }
}
