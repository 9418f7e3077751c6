import Configuration
import SystemIO

extension Vendor {
  /// Lambda Cloud's instances.
  static let lambda = Vendor(
    VendorFacts(
      "lambda", title: "Lambda", exampleID: "0920582c7ff041399e34823a0be62549",
      keys: [.init("LAMBDA_API_KEY", about: "The key for Lambda Cloud.")],
      baseURL: "https://cloud.lambda.ai", baseURLVariables: ["LAMBDA_BASE_URL"]),
    cloud: Lambda())
}

/// As its OpenAPI document and the client made of it have it. It names neither login nor port: its images
/// have `ubuntu` and 22.
struct Lambda: InstanceListing {
  let states = InstanceStates(
    ready: ["active"], waiting: ["booting"],
    gone: ["unhealthy", "terminating", "terminated", "preempted"])

  func call(for id: String) -> APICall { APICall("api", "v1", "instances", id) }

  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance {
    let found = try Answer(response.json, step: step).object("data")
    return Instance(
      id: try found.text("id"), state: try found.textIfAny("status"),
      place: try found.textIfAny("ip").map { .init(host: $0, port: 22, login: "ubuntu") })
  }

  func list(after token: String?) -> APICall { APICall("api", "v1", "instances") }

  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?) {
    let machines = try Answer(response.json, step: step).objects("data").map {
      (item) throws(Failure) in
      let type = try item.objectIfAny("instance_type")
      return Machine(
        id: try item.text("id"), name: try item.textIfAny("name"),
        gpu: try type?.textIfAny("gpu_description"),
        gpuCount: try type?.objectIfAny("specs")?.intIfItFits("gpus"),
        pricePerHour: try type?.numberIfAny("price_cents_per_hour").map { $0 / 100 },
        state: try item.text("status"), created: nil)
    }
    return (machines, nil)
  }
}
