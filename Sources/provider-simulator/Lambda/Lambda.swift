/// Lambda Cloud, as its OpenAPI document and the client made of it (lambda-cloud-client 1.0.0) have it.
extension Cloud {
  private static let path = ["api", "v1", "instances"]

  static let lambda = Cloud(
    realm: .lambda,
    instances: Instances(
      listed: ["0920582c7ff041399e34823a0be62549", "1b3c5d7e9f0a4b2c8d6e4f2a0b1c3d5e"],
      known: "0{24}[0-9a-f]{8}", ready: "active", login: "ubuntu", gpu: "H100 (80 GB SXM5)"),
    key: { $0.bearer },
    call: { request, path in
      if path == Self.path { return .all }
      return path.count == 4 && path.starts(with: Self.path) ? .one(path[3]) : nil
    },
    one: { instance, _ in
      guard let instance else { return refusal(404, "Specified instance does not exist.") }
      return Answer(200, ["data": describe(instance)])
    },
    all: { instances, _, _ in Answer(200, ["data": .array(instances.map(describe))]) },
    refusal: refusal)

  private static func describe(_ instance: Instance) -> JSON {
    let hasAddress = instance.state != "booting"
    return [
      "id": .string(instance.id), "name": .string(instance.name), "status": .string(instance.state),
      "ip": hasAddress ? .string(instance.host) : nil,
      "private_ip": hasAddress ? "10.19.60.24" : nil,
      "ssh_key_names": ["simulator"], "file_system_names": [],
      "region": ["name": "us-west-1", "description": "California, USA"],
      "instance_type": [
        "name": .string("gpu_\(instance.gpuCount)x_h100_sxm5"),
        "description": .string("\(instance.gpuCount)x \(instance.gpu)"),
        "gpu_description": .string(instance.gpu),
        "price_cents_per_hour": .integer(instance.centsPerHour),
        "specs": [
          "vcpus": 26, "memory_gib": 225, "storage_gib": 2816,
          "gpus": .integer(instance.gpuCount),
        ],
      ],
      "hostname": hasAddress ? .string(instance.host) : nil, "is_reserved": false,
    ]
  }

  private static func refusal(_ status: Int, _ message: String) -> Answer {
    let codes = [
      401: "global/invalid-api-key", 403: "global/account-inactive",
      404: "global/object-does-not-exist", 429: "global/too-many-requests",
    ]
    return Answer(
      status,
      [
        "error": [
          "code": .string(codes[status] ?? "global/invalid-parameters"),
          "message": .string(message), "suggestion": "Look at the API documentation.",
        ]
      ])
  }
}

extension Realm {
  static let lambda = Realm(name: "lambda", isOnStandardPort: true)
}

extension SimulatedVendor {
  static let lambda = SimulatedVendor(
    .lambda, title: "Lambda", folder: "lambda", keyPrefix: "secret_sim_",
    variables: { ["LAMBDA_API_KEY": $1, "LAMBDA_BASE_URL": $0] })
}
