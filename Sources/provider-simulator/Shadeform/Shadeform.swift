/// Shadeform, as docs.shadeform.ai has it (/instances/{id}/info, /instances).
extension Cloud {
  private static let path = ["v1", "instances"]

  static let shadeform = Cloud(
    realm: .shadeform,
    instances: Instances(
      listed: ["d290f1ee-6c54-4b01-90e6-d701748f0851", "78a0dd5a-dbb1-4568-b55c-5e7e0a8b0c40"],
      known: "00000000-0000-4000-8000-[0-9a-f]{12}", ready: "active", login: "shadeform",
      gpu: "A6000"),
    key: { $0.headers["x-api-key"] },
    call: { request, path in
      if path == Self.path { return .all }
      let isOne = path.count == 4 && path.starts(with: Self.path) && path[3] == "info"
      return isOne ? .one(path[2]) : nil
    },
    one: { instance, _ in
      guard let instance else { return refusal(404, "Instance not found") }
      return Answer(200, describe(instance))
    },
    all: { instances, _, _ in Answer(200, ["instances": .array(instances.map(describe))]) },
    refusal: refusal)

  private static func describe(_ instance: Instance) -> JSON {
    let hasAddress = !["creating", "pending_provider"].contains(instance.state)
    return [
      "id": .string(instance.id), "name": .string(instance.name), "cloud": "hyperstack",
      "region": "canada-1", "shade_instance_type": .string(instance.gpu),
      "cloud_instance_type": "gpu_1x_a6000", "shade_cloud": true,
      "cloud_assigned_id": "13b057d7-e266-4869-985f-760fe75a78b3",
      "configuration": [
        "memory_in_gb": 12, "storage_in_gb": 256, "vcpus": 6,
        "num_gpus": .integer(instance.gpuCount), "gpu_type": .string(instance.gpu),
        "interconnect": "pcie", "vram_per_gpu_in_gb": 48, "os": "ubuntu22.04_cuda12.2_shade_os",
      ],
      "ip": .string(hasAddress ? instance.host : ""), "ssh_user": .string(instance.login),
      "ssh_port": .integer(instance.port), "status": .string(instance.state),
      "status_details": .string(instance.isReady ? "" : "downloading"), "cost_estimate": "103.4",
      "hourly_price": .integer(instance.centsPerHour), "created_at": .string(instance.created),
      "deleted_at": .string(instance.created),
    ]
  }

  private static func refusal(_ status: Int, _ message: String) -> Answer {
    let codes = [401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "RATE_LIMITED"]
    return Answer(
      status,
      ["error": .string(message), "error_code": .string(codes[status] ?? "INVALID_REQUEST")])
  }
}

extension Realm {
  static let shadeform = Realm(name: "shadeform")
}

extension SimulatedVendor {
  static let shadeform = SimulatedVendor(
    .shadeform, title: "Shadeform", folder: "shadeform", keyPrefix: "sf-",
    variables: { ["SHADEFORM_API_KEY": $1, "SHADEFORM_BASE_URL": $0] })
}
