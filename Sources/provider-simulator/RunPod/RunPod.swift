/// RunPod's REST API v2, as its OpenAPI document has it (runpod/docs, api-reference-v2/openapi.json).
extension Cloud {
  private static let path = ["v2", "pods"]

  static let runpod = Cloud(
    realm: .runpod,
    instances: Instances(
      listed: ["7h9k2m4n6p", "3c8w5x1z9q"], known: "pod[0-9]+", ready: "RUNNING", login: "root",
      gpu: "NVIDIA H100 80GB HBM3"),
    key: { $0.bearer },
    call: { request, path in
      if path == Self.path { return .all }
      return path.count == 3 && path.starts(with: Self.path) ? .one(path[2]) : nil
    },
    one: { pod, scenario in
      guard let pod else { return problem(404, "pod not found") }
      return Answer(200, describe(pod, scenario))
    },
    all: { pods, _, scenario in
      Answer(200, ["pods": .array(pods.map { describe($0, scenario) })])
    },
    refusal: problem)

  private static func describe(_ pod: Instance, _ scenario: Scenario) -> JSON {
    let published = scenario["runpod.public_port"] == true
    let hasMachine = pod.state != "PROVISIONING"
    let proxy = "\(pod.id)-64411eb2"
    let mapping: JSON = [
      "private": 22, "public": .integer(pod.port), "type": "tcp", "ip": .string(pod.host),
    ]
    return [
      "id": .string(pod.id), "name": .string(pod.name), "status": .string(pod.state),
      "image": "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404", "args": "", "disk": 50,
      "ports": published ? ["8888/http", "22/tcp"] : ["8888/http"], "env": [:], "registry": nil,
      "actions": pod.isReady ? ["stop", "restart", "terminate"] : ["terminate"],
      "mounts": ["persistent": ["size": 20, "path": "/workspace"]],
      "gpu": ["id": .string(pod.gpu), "count": .integer(pod.gpuCount)], "cloud": "SECURE",
      "dataCenterId": hasMachine ? "US-KS-2" : nil, "cudaVersion": hasMachine ? "12.8" : nil,
      "ssh": [
        "proxy": hasMachine
          ? endpoint(host: "ssh.runpod.io", port: 22, login: proxy) : nil,
        "direct": published && pod.isReady
          ? endpoint(host: pod.host, port: pod.port, login: pod.login) : nil,
      ],
      "template": nil,
      "cost": ["EXITED", "TERMINATED"].contains(pod.state) ? 0 : pod.dollarsPerHour,
      "locked": false, "globalNetworking": ["enabled": false],
      "runtime": pod.isReady ? ["uptime": 3600, "ports": published ? [mapping] : []] : nil,
      "createdAt": .string(pod.created), "startedAt": hasMachine ? .string(pod.created) : nil,
    ]
  }

  private static func endpoint(host: String, port: Int, login: String) -> JSON {
    [
      "host": .string(host), "port": .integer(port), "username": .string(login),
      "command": .string("ssh \(login)@\(host)" + (port == 22 ? "" : " -p \(port)")),
    ]
  }

  private static func problem(_ status: Int, _ detail: String) -> Answer {
    Simulator.problem(status, detail).answer
  }
}

extension Realm {
  static let runpod = Realm(name: "runpod")
}

extension SimulatedVendor {
  static let runpod = SimulatedVendor(
    .runpod, title: "RunPod", folder: "runpod", keyPrefix: "rpa_",
    switches: [
      Switch(
        name: "runpod.public_port", standard: true,
        help: "whether 22/tcp is published; without it there is the proxy's shell alone")
    ],
    variables: { ["RUNPOD_API_KEY": $1, "RUNPOD_BASE_URL": $0] })
}
