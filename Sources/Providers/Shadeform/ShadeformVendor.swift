import Configuration
import SystemIO

extension Vendor {
  /// Shadeform's instances, at whichever cloud they are.
  static let shadeform = Vendor(
    VendorFacts(
      "shadeform", title: "Shadeform", exampleID: "d290f1ee-6c54-4b01-90e6-d701748f0851",
      keys: [
        .init(
          "SHADEFORM_API_KEY", header: .named("X-API-KEY"), about: "The key for Shadeform.")
      ],
      keyHeader: .named("X-API-KEY"), baseURL: "https://api.shadeform.ai",
      baseURLVariables: ["SHADEFORM_BASE_URL"]),
    cloud: Shadeform())
}

/// As docs.shadeform.ai has it (/instances/{id}/info, /instances).
struct Shadeform: InstanceListing {
  let states = InstanceStates(
    ready: ["active"], waiting: ["creating", "pending_provider", "pending"],
    gone: ["error", "deleting", "deleted"])

  func call(for id: String) -> APICall { APICall("v1", "instances", id, "info") }

  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance {
    let answer = try Answer(response.json, step: step)
    return Instance(
      id: try answer.text("id"), state: try answer.textIfAny("status"), place: try place(answer))
  }

  private func place(_ answer: Answer) throws(Failure) -> Instance.Place? {
    // The address is an empty text until there is one.
    guard let host = try answer.textIfAny("ip"), !host.isEmpty,
      let port = try answer.intIfAny("ssh_port"), let login = try answer.textIfAny("ssh_user")
    else { return nil }
    return Instance.Place(host: host, port: port, login: login)
  }

  func list(after token: String?) -> APICall { APICall("v1", "instances") }

  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?) {
    let machines = try Answer(response.json, step: step).objects("instances").map {
      (item) throws(Failure) in
      let hardware = try item.objectIfAny("configuration")
      return Machine(
        id: try item.text("id"), name: try item.textIfAny("name"),
        gpu: try hardware?.textIfAny("gpu_type"), gpuCount: try hardware?.intIfItFits("num_gpus"),
        pricePerHour: try item.numberIfAny("hourly_price").map { $0 / 100 },
        state: try item.text("status"), created: try item.textIfAny("created_at"))
    }
    return (machines, nil)
  }
}
