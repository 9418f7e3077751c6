/// Prime's pods, as its client (0.18.0) reads them. Key and base URL are those of the sandboxes.
extension Cloud {
  static let primePod = Cloud(
    realm: .primePod,
    instances: Instances(
      listed: ["6f1c2a9be0d74c53", "a4d0e8b7c2f91635"], known: "pod[0-9]+", ready: "ACTIVE",
      login: "root", gpu: "H100_80GB"),
    key: { $0.bearer },
    call: { request, path in
      switch path {
      case ["api", "v1", "pods"]: .all
      case ["api", "v1", "pods", "status"]: .one(request.parameter("pod_ids") ?? "")
      default: nil
      }
    },
    one: { pod, scenario in
      Answer(200, ["data": pod.map { [status(of: $0, scenario)] } ?? []])
    },
    all: { pods, request, scenario in
      let team = try Simulator.primeTeam(request, scenario)
      let offset = max(0, Int(request.parameter("offset") ?? "") ?? 0)
      let asked = Int(request.parameter("limit") ?? "") ?? 100
      let limit = max(1, min(asked, scenario.integer("prime_pod.per_page")))
      return Answer(
        200,
        [
          "total_count": .integer(pods.count), "offset": .integer(offset),
          "limit": .integer(limit),
          "data": .array(
            pods.dropFirst(offset).prefix(limit).map { describe($0, team: team, scenario) }),
        ])
    },
    refusal: { status, detail in Answer(status, ["detail": .string(detail)]) })

  private static func status(of pod: Instance, _ scenario: Scenario) -> JSON {
    [
      "podId": .string(pod.id), "providerType": "hyperstack", "status": .string(pod.state),
      "sshConnection": connection(of: pod, scenario), "ip": address(of: pod),
      "priceHr": pod.dollarsPerHour, "primePortMapping": nil,
      "installationFailure": failure(scenario), "installationProgress": progress(of: pod, scenario),
    ]
  }

  private static func describe(_ pod: Instance, team: String?, _ scenario: Scenario) -> JSON {
    [
      "id": .string(pod.id), "name": .string(pod.name), "gpuName": .string(pod.gpu),
      "gpuCount": .integer(pod.gpuCount), "status": .string(pod.state),
      "createdAt": .string(pod.created), "updatedAt": .string(pod.created),
      "providerType": "hyperstack", "installationStatus": pod.isReady ? "FINISHED" : "PENDING",
      "installationFailure": failure(scenario), "installationProgress": progress(of: pod, scenario),
      "teamId": team.map { .string($0) } ?? nil, "userId": "user-simulator", "walletId": nil,
      "resources": nil, "attachedResources": nil, "primePortMapping": nil,
      "sshConnection": connection(of: pod, scenario), "ip": address(of: pod),
      "priceHr": pod.dollarsPerHour, "environmentType": "ubuntu_22_cuda_12", "socket": "SXM5",
      "type": "HOSTED",
    ]
  }

  /// `user@host -p port`; for several nodes a list of such strings; before the pod is there, null,
  /// or a list of null alone, which the vendor's client takes for the same.
  private static func connection(of pod: Instance, _ scenario: Scenario) -> JSON {
    guard pod.isReady else { return scenario["prime_pod.null_in_list"] == true ? [nil] : nil }
    let given = scenario.string("prime_pod.connection")
    let texts = pod.nodes.map { port -> JSON in
      let words = ["{login}": pod.login, "{host}": pod.host, "{port}": String(port)]
      return .string(words.reduce(given) { $0.replacing($1.key, with: $1.value) })
    }
    return texts.count == 1 ? texts[0] : .array(texts)
  }

  private static func address(of pod: Instance) -> JSON {
    guard pod.isReady else { return nil }
    return pod.nodes.count == 1
      ? .string(pod.host) : .array(pod.nodes.map { _ in .string(pod.host) })
  }

  private static func progress(of pod: Instance, _ scenario: Scenario) -> JSON {
    pod.isReady ? 100 : .integer(scenario.integer("prime_pod.progress"))
  }

  private static func failure(_ scenario: Scenario) -> JSON {
    let text = scenario.string("prime_pod.failure")
    return text.isEmpty ? nil : .string(text)
  }

  static let primePodSwitches = primePod.switches([
    Switch(name: "prime_pod.nodes", standard: 1, help: "nodes of each pod; each has a port"),
    Switch(
      name: "prime_pod.connection", standard: "{login}@{host} -p {port}",
      help: "sshConnection, verbatim but for {login} {host} {port}"),
    Switch(
      name: "prime_pod.null_in_list", standard: false,
      help: "sshConnection is [null] and not null before the pod is there"),
    Switch(name: "prime_pod.progress", standard: 40, help: "installationProgress until then"),
    Switch(
      name: "prime_pod.failure", standard: "", help: "installationFailure; empty: null"),
    Switch(name: "prime_pod.per_page", standard: 100, help: "most pods on one page of the list"),
  ])
}
