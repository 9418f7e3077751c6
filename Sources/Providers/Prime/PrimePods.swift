import Configuration
import OpenSSH
import SystemIO

extension Vendor {
  /// Prime Intellect's pods: machines that last, of the same account as its sandboxes.
  static let primePod = Vendor(
    VendorFacts(
      "prime-pod", title: "Prime Intellect's pods", exampleID: "6f1c2a9be0d74c53", account: "prime",
      variables: [
        (
          "PRIME_SSH_KEY_PATH",
          "The key that logs in to pods: a file of your own below ~/.ssh. Default: `ssh_key_path` of "
            + "the vendor's own file."
        )
      ],
      machineID: .init(
        "a pod", hint: "a pod's id has no dot; n2.ID is its second node",
        allows: { PodID($0) != nil }), hasNodes: true,
      scope: { (sources) throws(Failure) in try PrimeScope(sources).scope }),
    provider: { (access, id) throws(Failure) in
      guard let target = PodID(id) else {
        throw Failure(.usage, "\"\(id.sanitized(limit: 80))\" is not the id of a pod")
      }
      let pod = PrimePod(
        node: target.node, keyFile: try PrimePod.keyFile(access.sources),
        home: access.sources.files.home)
      return InstanceProvider(access, pod, target.pod)
    },
    keyCheck: { PrimeAccount(api: $0.api()) },
    list: { (access) throws(Failure) in
      ListedAccount(
        pages: PrimePods(team: try PrimeScope(access.sources).team), api: access.api(),
        hints: ProviderHints(access))
    })
}

/// A node of a pod, asked for as the vendor's own client, prime 0.18.0, does it (`prime pods ssh`).
struct PrimePod: InstanceCloud {
  /// From 1.
  let node: Int
  /// The key that logs in.
  let keyFile: String?
  /// What `~` stands for.
  let home: String

  let states = InstanceStates(
    ready: ["ACTIVE"], waiting: ["PROVISIONING", "PENDING", "INSTALLING"],
    gone: ["STOPPED", "ERROR", "DELETING", "DELETED", "TERMINATED"])

  fileprivate static let mostNodes = 1024

  /// PRIME_SSH_KEY_PATH, else what the vendor's own file names; one that is not below ~/.ssh is left out, as
  /// ssh leaves out one that is missing.
  static func keyFile(_ sources: VendorSources) throws(Failure) -> String? {
    let named: String?
    if let path = sources.variable("PRIME_SSH_KEY_PATH") {
      named = path
    } else if let context = try PrimeContext(sources) {
      named = context.file?.keyFile
    } else {
      named = try PrimeFile.read(sources)?.keyFile
    }
    return named.flatMap { UserKeyFile.path($0, home: sources.files.home) }
  }

  func call(for id: String) -> APICall {
    APICall("api", "v1", "pods", "status", query: "pod_ids=" + id.percentEncoded)
  }

  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance {
    guard let pod = try Answer(response.json, step: step).objects("data").first else {
      throw Failure(
        .notFound, step: step, "Prime Intellect knows no such pod",
        hint: "`sshproxy list prime-pod` shows what there is")
    }
    if let words = try pod.textIfAny("installationFailure"), !words.isEmpty {
      throw Failure(
        .rejected, step: step, "the pod could not be installed: \(words.sanitized(limit: 200))",
        hint: "look at the pod at the provider")
    }
    return Instance(
      id: try pod.text("podId"), state: try pod.textIfAny("status"),
      progress: try pod.intIfItFits("installationProgress").map { "\($0) %" },
      place: try place(try pod.textsIfAny("sshConnection", most: Self.mostNodes), step))
  }

  /// `root@135.23.125.123 -p 22` is the rest of an ssh command.
  private func place(_ nodes: [String?]?, _ step: String) throws(Failure) -> Instance.Place? {
    guard let nodes, nodes.contains(where: { $0 != nil }) else { return nil }
    guard node <= nodes.count else {
      let number = nodes.count == 1 ? "one node" : "\(nodes.count) nodes"
      throw Failure(.notFound, step: step, "the pod has \(number), and no node \(node)")
    }
    guard let text = nodes[node - 1] else { return nil }
    var place = try Validator(step: step).place(ofCommand: "ssh " + text, home: home)
    place.identityFile = keyFile ?? place.identityFile
    return place
  }
}

/// The list of pods, as the same client reads it (`prime pods list`).
struct PrimePods: MachinePages {
  /// The team whose pods are listed; `nil` for the personal scope.
  let team: String?

  private static let pageSize = 100

  /// - Parameter token: how many pods have been listed.
  func list(after token: String?) -> APICall {
    let scope = team.map { "&team_id=" + $0.percentEncoded } ?? ""
    return APICall(
      "api", "v1", "pods", query: "offset=\(token ?? "0")&limit=\(Self.pageSize)\(scope)")
  }

  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?) {
    let answer = try Answer(response.json, step: step)
    let machines = try answer.objects("data").map { (pod) throws(Failure) in
      Machine(
        id: try pod.text("id"), name: try pod.textIfAny("name"), gpu: try pod.textIfAny("gpuName"),
        gpuCount: try pod.intIfItFits("gpuCount"), pricePerHour: try pod.numberIfAny("priceHr"),
        state: try pod.text("status"), created: try pod.textIfAny("createdAt"),
        nodes: try pod.textsIfAny("sshConnection", most: PrimePod.mostNodes)?.count)
    }
    let (total, offset) = (try answer.int("total_count"), try answer.int("offset"))
    let end = offset.saturatingAdding(machines.count)
    return (machines, end < total ? String(end) : nil)
  }
}

/// A pod, or with `nK.` in front of its id its K-th node.
struct PodID: Equatable {
  let pod: String
  let node: Int

  init?(_ id: String) {
    let parts = Vendor.primePod.facts.parts(of: id)
    guard !parts.machine.isEmpty, !parts.machine.contains(".") else { return nil }
    pod = String(parts.machine)
    guard !parts.node.isEmpty else {
      node = 1
      return
    }
    guard let number = Int(parts.node.dropFirst().dropLast()), number <= PrimePod.mostNodes else {
      return nil
    }
    node = number
  }
}
