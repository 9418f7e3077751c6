import Configuration
import OpenSSH
import Providers
import Sessions
import SystemIO

extension Vendor {
  /// Acme: `GET /v1/machines/ID` says where a machine is; the user's own key logs in.
  static let acme = Vendor(
    VendorFacts(
      "acme", title: "Acme", exampleID: "m1",
      keys: [.init("ACME_API_KEY", about: "The key for Acme.")],
      baseURL: "https://api.acme.example", baseURLVariables: ["ACME_BASE_URL"],
      options: [
        VendorOption(
          "region", VendorOption.word("a region"), variable: "ACME_REGION", isPartOfTarget: true,
          about: "The region that is asked.")
      ]),
    provider: { AcmeMachine(api: $0.api(headers: headers($0)), id: $1) },
    keyCheck: { AcmeAccount(api: $0.api(headers: headers($0))) },
    list: { AcmeAccount(api: $0.api(headers: headers($0))) })

  private static func headers(_ access: VendorAccess) -> [(name: String, value: String)] {
    access.settings.text("region").map { [("X-Acme-Region", $0)] } ?? []
  }
}

private let hints = ProviderHints(
  provider: "Acme", denied: "check the key at Acme, then `sshproxy login acme`",
  notFound: "`sshproxy list acme` shows what there is")

/// One machine: nothing is opened there, so there is nothing to close.
private struct AcmeMachine: SessionProvider {
  let api: ProviderAPI
  let id: String

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    let step = "ask for the machine"
    let request = api.request(.get, ["v1", "machines", id])
    let response = try api.call(request, .always, step: step, until: deadline) {
      ErrorResponse($0).refusal(hints: hints)
    }
    let answer = try Answer(response.json, step: step)
    let validator = Validator(step: step)
    return Session(
      id: nil,
      endpoint: try validator.endpoint(try answer.text("host"), try answer.int("port")),
      login: .users(
        login: try validator.login(try answer.text("user"), field: "user"), identityFile: nil),
      hostTrust: .users, expires: WallClock.seconds + Session.usualLife)
  }

  /// Where the machine is now may be another place.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool { false }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {}
}

/// The user's account.
private struct AcmeAccount: KeyChecking, MachineListing {
  let api: ProviderAPI

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try api.ask(["v1", "me"], step: step, hints: hints, until: deadline)
    let owner = try Answer(response.json, step: step).text("email")
    return KeyVerdict(owner: owner.sanitized(limit: 80), time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    let step = "list the machines"
    let response = try api.ask(["v1", "machines"], step: step, hints: hints, until: deadline)
    let machines = try Answer(response.json, step: step).objects("machines")
      .map { (item) throws(Failure) in
        Machine(
          id: try item.text("id"), name: try item.textIfAny("name"), gpu: try item.textIfAny("gpu"),
          gpuCount: try item.intIfItFits("gpu_count"),
          pricePerHour: try item.numberIfAny("price_per_hour"), state: try item.text("state"),
          created: try item.textIfAny("created_at"), nodes: try item.intIfItFits("nodes"))
      }
    var list = MachineList()
    _ = list.add(machines, of: response, hasMore: false)
    return list
  }
}
