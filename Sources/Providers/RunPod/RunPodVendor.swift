import Configuration
import SystemIO

extension Vendor {
  /// RunPod's pods.
  static let runpod = Vendor(
    VendorFacts(
      "runpod", title: "RunPod", exampleID: "7h9k2m4n6p",
      keys: [.init("RUNPOD_API_KEY", about: "The key for RunPod.")],
      baseURL: "https://api.runpod.io", baseURLVariables: ["RUNPOD_BASE_URL"],
      client: .runpod),
    cloud: RunPod())
}

/// REST API v2 (github.com/runpod/docs, api-reference-v2/openapi.json).
struct RunPod: InstanceListing {
  let states = InstanceStates(
    ready: ["RUNNING"], waiting: ["PROVISIONING", "STARTING"],
    gone: ["EXITED", "ERROR", "TERMINATED"])

  func call(for id: String) -> APICall { APICall("v2", "pods", id) }

  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance {
    let answer = try Answer(response.json, step: step)
    let state = try answer.textIfAny("status")
    let ssh = try answer.objectIfAny("ssh")
    let direct = try ssh?.objectIfAny("direct")
    // Until the pod has a machine there is no proxy either.
    if let state, states.ready.contains(state), direct == nil, try hasProxy(ssh) {
      throw Failure(
        .rejected, step: step, "the pod has no public port for ssh",
        hint: "expose TCP port 22 in the pod's settings at RunPod; its own ssh.runpod.io gives a "
          + "terminal without files, commands and forwarding")
    }
    return Instance(
      id: try answer.text("id"), state: state,
      place: try direct.flatMap { (direct) throws(Failure) in try place(direct) })
  }

  private func hasProxy(_ ssh: Answer?) throws(Failure) -> Bool {
    try ssh?.objectIfAny("proxy") != nil
  }

  private func place(_ direct: Answer) throws(Failure) -> Instance.Place? {
    guard let host = try direct.textIfAny("host"), let port = try direct.intIfAny("port"),
      let login = try direct.textIfAny("username")
    else { return nil }
    return Instance.Place(host: host, port: port, login: login)
  }

  func list(after token: String?) -> APICall { APICall("v2", "pods") }

  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?) {
    let machines = try Answer(response.json, step: step).objects("pods").map {
      (pod) throws(Failure) in
      let gpu = try pod.objectIfAny("gpu")
      return Machine(
        id: try pod.text("id"), name: try pod.textIfAny("name"), gpu: try gpu?.textIfAny("id"),
        gpuCount: try gpu?.intIfItFits("count"), pricePerHour: try pod.numberIfAny("cost"),
        state: try pod.text("status"), created: try pod.textIfAny("createdAt"))
    }
    return (machines, nil)
  }
}

extension VendorClient {
  /// `~/.runpod/config.toml`: runpodctl writes `apikey`, the Python package `api_key` below `[default]`.
  static let runpod = VendorClient(file: "/.runpod/config.toml") { (file) throws(Failure) in
    try file.tomlTexts(["apikey"], ["default", "api_key"]).compactMap { $0 }.first
  }
}
