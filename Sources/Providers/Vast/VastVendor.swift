import Configuration
import SystemIO

extension Vendor {
  /// Vast.ai's instances.
  static let vast = Vendor(
    VendorFacts(
      "vast", title: "Vast.ai", exampleID: "31415926",
      keys: [.init("VAST_API_KEY", about: "The key for Vast.ai.")],
      baseURL: "https://console.vast.ai", baseURLVariables: ["VAST_BASE_URL", "VAST_URL"],
      machineID: .init(
        "a Vast.ai instance", hint: "the id of an instance is a number: 31415926",
        allows: { Grammar.number($0, in: 1...999_999_999_999_999_999) != nil }),
      client: .vast),
    cloud: Vast())
}

/// As its client, vastai 1.9.1, calls it and reads the answers (`vastai ssh-url`). Each path ends in a
/// slash: without it the API redirects.
struct Vast: InstanceListing {
  let states = InstanceStates(
    ready: ["running"], waiting: ["loading", "created", "connecting", "scheduling"],
    gone: ["exited", "offline"])

  func call(for id: String) -> APICall { APICall("api", "v0", "instances", id, "") }

  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance {
    let answer = try Answer(response.json, step: step)
    let found = try answer.object("instances")
    return Instance(
      id: String(try found.int("id")), state: try found.textIfAny("actual_status"),
      place: try place(found, Validator(step: step)))
  }

  private func place(_ found: Answer, _ validator: Validator) throws(Failure) -> Instance.Place? {
    let direct = try found.objectIfAny("ports")?.objectsIfAny("22/tcp")?.first
    let (host, port): (String?, Int?)
    if let direct {
      host = try found.textIfAny("public_ipaddr")
      port = try direct.textIfAny("HostPort").map { (text) throws(Failure) in
        guard let number = Int(text) else { throw validator.invalidResponse("HostPort", "a port") }
        return number
      }
    } else {
      // With Jupyter in front, ssh has the next port.
      let shift = try found.textIfAny("image_runtype")?.contains("jupyter") == true ? 1 : 0
      host = try found.textIfAny("ssh_host")
      port = try found.intIfAny("ssh_port")?.saturatingAdding(shift)
    }
    guard let host, let port else { return nil }
    return Instance.Place(host: host, port: port, login: "root")
  }

  func list(after token: String?) -> APICall {
    let place = token.map { "&after_token=" + $0.percentEncoded } ?? ""
    return APICall("api", "v1", "instances", "", query: "limit=100" + place)
  }

  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?) {
    let answer = try Answer(response.json, step: step)
    let machines = try answer.objects("instances").map { (item) throws(Failure) in
      Machine(
        id: String(try item.int("id")), name: try item.textIfAny("label"),
        gpu: try item.textIfAny("gpu_name"), gpuCount: try item.intIfItFits("num_gpus"),
        pricePerHour: try item.numberIfAny("dph_total"),
        state: try item.textIfAny("actual_status"), created: nil,
        ends: try item.intIfItFits("end_date").map { Int64($0) })
    }
    return (machines, try answer.cursor("next_token"))
  }
}

extension VendorClient {
  /// `~/.config/vastai/vast_api_key`, which holds the key and nothing else.
  static let vast = VendorClient(file: "/.config/vastai/vast_api_key") {
    $0.text.split(whereSeparator: \.isWhitespace).first.map(String.init)
  }
}
