import Foundation

/// Vast.ai, as its client (vastai 1.9.1) reads it.
extension Cloud {
  static let vast = Cloud(
    realm: .vast,
    instances: Instances(
      listed: ["31415926", "27182818"], known: "[1-9][0-9]{0,2}", ready: "running", login: "root",
      gpu: "RTX 4090"),
    key: { $0.bearer },
    call: { request, path in
      // Each path ends in a slash; without one the API redirects, which no client of it does.
      if path == ["api", "v1", "instances", ""] { return .all }
      let isOne = path.count == 5 && path.starts(with: ["api", "v0", "instances"]) && path[4] == ""
      return isOne ? .one(path[3]) : nil
    },
    one: { instance, scenario in
      guard let instance else { return refusal(404, "instance not found") }
      return Answer(200, ["instances": describe(instance, scenario)])
    },
    all: { instances, request, scenario in
      let asked = Int(request.parameter("limit") ?? "") ?? 25
      let size = max(1, min(asked, scenario.integer("vast.per_page")))
      let start = Int(request.parameter("after_token") ?? "") ?? 0
      let page = instances.dropFirst(start).prefix(size)
      let next = start + page.count
      return Answer(
        200,
        [
          "success": true, "instances": .array(page.map { describe($0, scenario) }),
          "total_instances": .integer(instances.count),
          "next_token": next < instances.count ? .string(String(next)) : nil,
        ])
    },
    refusal: refusal)

  private static func describe(_ instance: Instance, _ scenario: Scenario) -> JSON {
    let direct = scenario["vast.direct"] == true
    let runtype = scenario.string("vast.image_runtype")
    // With Jupyter in front, ssh has the port after the one that is named.
    let named = runtype.contains("jupyter") ? instance.port - 1 : instance.port
    return [
      "id": .integer(Int(instance.id) ?? 0), "label": .string(instance.name),
      "actual_status": instance.state.isEmpty ? nil : .string(instance.state),
      "intended_status": "running", "cur_state": "running",
      "status_msg": "success, running nvidia/cuda", "machine_id": 1234, "host_id": 567,
      "public_ipaddr": .string(instance.host),
      "ports": direct && instance.isReady
        ? [
          "22/tcp": [["HostIp": "0.0.0.0", "HostPort": .string(String(instance.port))]]
        ] : [:],
      "ssh_host": .string(instance.host), "ssh_port": .integer(named), "ssh_idx": "4",
      "image_runtype": .string(runtype), "image_uuid": "nvidia/cuda:12.4.1-devel-ubuntu22.04",
      "gpu_name": .string(instance.gpu), "num_gpus": .integer(instance.gpuCount),
      "dph_total": instance.dollarsPerHour, "start_date": 1_767_323_045, "extra_env": [],
      "end_date": nil,
    ]
  }

  private static func refusal(_ status: Int, _ message: String) -> Answer {
    let codes = [
      401: "auth_error", 403: "auth_error", 404: "no_such_instance", 429: "too_many_requests",
    ]
    return Answer(
      status,
      [
        "success": false, "error": .string(codes[status] ?? "invalid_args"),
        "msg": .string(message),
      ])
  }
}

extension Realm {
  static let vast = Realm(name: "vast")
}

extension SimulatedVendor {
  static let vast = SimulatedVendor(
    .vast, title: "Vast.ai", folder: "vast", keyPrefix: "vast-",
    switches: [
      Switch(
        name: "vast.direct", standard: true,
        help: "whether ports has 22/tcp; else ssh_host and ssh_port count"),
      Switch(
        name: "vast.image_runtype", standard: "ssh_direc ssh_proxy",
        help: "with jupyter in it, ssh_port is one less than ssh's"),
      Switch(name: "vast.per_page", standard: 25, help: "most instances on one page of the list"),
    ],
    variables: { ["VAST_API_KEY": $1, "VAST_URL": $0, "VAST_BASE_URL": $0] })
}
