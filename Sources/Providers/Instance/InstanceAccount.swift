import Configuration
import SystemIO

/// The user's account at a cloud that lists its machines.
struct InstanceAccount: KeyChecking, MachineListing {
  let cloud: any InstanceListing
  let api: ProviderAPI
  let hints: ProviderHints

  /// Asks for the first page: not every cloud has a call just to check a key.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try ask(after: nil, step, until: deadline)
    _ = try cloud.page(try Answer(response.json, step: step), step: step)
    return KeyVerdict(owner: nil, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    let step = "list the machines"
    var list = MachineList()
    var token: String?
    while true {
      let response = try ask(after: token, step, until: deadline)
      let page = try cloud.page(try Answer(response.json, step: step), step: step)
      guard list.add(page.machines, of: response, hasMore: page.next != nil), let next = page.next
      else { return list }
      guard next != token, !page.machines.isEmpty else { throw MachineList.endless(step) }
      token = next
    }
  }

  private func ask(
    after token: String?, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    let call = cloud.list(after: token)
    return try api.ask(call.path, query: call.query, step: step, hints: hints, until: deadline)
  }
}

extension Vendor {
  /// A cloud that needs no more than its calls.
  /// - Parameter facts: without options that the calls depend on.
  init(_ facts: VendorFacts, cloud: any InstanceListing) {
    self.init(
      facts, provider: { InstanceProvider($0, cloud, $1) },
      keyCheck: { InstanceAccount($0, cloud) }, list: { InstanceAccount($0, cloud) })
  }
}

extension InstanceAccount {
  init(_ call: VendorCall, _ cloud: any InstanceListing) {
    self.init(cloud: cloud, api: call.api(), hints: ProviderHints(call))
  }
}

extension InstanceProvider {
  init(_ call: VendorCall, _ cloud: any InstanceCloud, _ id: String) {
    self.init(
      cloud: cloud, api: call.api(), id: id, hints: ProviderHints(call), announce: call.announce)
  }
}

extension ProviderHints {
  fileprivate init(_ call: VendorCall) {
    let kind = call.settings.kind
    self.init(
      provider: kind.title,
      denied: "check the key at the provider, then `sshproxy login \(call.account)`",
      unknown: "`sshproxy list \(kind.rawValue)` shows what there is")
  }
}
