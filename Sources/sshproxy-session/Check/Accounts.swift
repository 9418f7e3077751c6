import Providers
import Sessions
import SystemIO

/// Validator whether the providers answer, accept the keys, and agree about the time.
struct Accounts {
  let context: Context
  let report: CheckReport
  let configuration: Configuration

  /// How long a provider may take to answer, in milliseconds.
  private static let patience = 10_000
  /// By how many seconds the clocks may differ without harm to certificates and expiry times.
  private static let tolerance: Int64 = 30

  /// - Parameter kind: the provider to check; `nil` for all that have a key.
  func run(_ kind: ProviderKind?) throws(Failure) {
    if let kind { return try run(kind, isNeeded: true) }
    for kind in kinds { try run(kind, isNeeded: false) }
    guard !hasAnyKey, configuration.hostNames.isEmpty else { return }
    report.add(
      "key",
      .red(
        "there is no API key and no name under [hosts]",
        hint: "run \(kinds.map { "`sshproxy login \($0.rawValue)`" }.joined(last: "or"))",
        status: .denied), milliseconds: 0)
  }

  private var kinds: [ProviderKind] {
    configuration.vendors.filter { $0.account == nil }.map(\.kind)
  }

  private var hasAnyKey: Bool {
    kinds.contains { kind in
      if case .missing? = try? configuration.keySource(of: kind) { false } else { true }
    }
  }

  private func run(_ kind: ProviderKind, isNeeded: Bool) throws(Failure) {
    guard kind.isVendor else { return }
    if !isNeeded, case .missing? = try? configuration.keySource(of: kind) { return }
    let hasKey = try report.step("key \(kind.rawValue)") { () throws(Failure) in
      switch try configuration.keySource(of: kind) {
      case .value(let key): return .green("from \(key.origin)")
      case .command(_, let origin): return .green("from the command in \(origin)")
      case .missing(let hint):
        return .red("there is no API key for \(kind.title)", hint: hint, status: .denied)
      }
    }
    guard hasKey else { return }
    var time: Int64?
    try report.step("api \(kind.rawValue)") { () throws(Failure) in
      let base = try configuration.baseURL(of: kind)
      let providers = context.providers(configuration)
      providers.watchLookups { [report] base, time in
        guard time > 0, let host = BaseURL.host(of: base) else { return }
        report.add("name \(kind.rawValue)", .green("looked up for \(host)"), milliseconds: time)
      }
      let verdict = try providers.keyCheck(of: kind)
        .check(until: Moment.now + Self.patience)
      time = verdict.time
      let owner = verdict.owner.map { " of \($0)" } ?? ""
      let scope = try configuration.scope(of: kind).map { "; \($0.text)" } ?? ""
      return .green("\(base) takes the key\(owner)\(scope)")
    }
    if let time { try report.step("clock \(kind.rawValue)") { () in clock(time) } }
  }

  private func clock(_ time: Int64) -> Finding {
    let difference = WallClock.seconds - time
    guard abs(difference) > Self.tolerance else { return .green("agrees with the provider's") }
    let word = difference > 0 ? "ahead of" : "behind"
    return .yellow(
      "this computer's clock is \(abs(difference)) s \(word) the provider's",
      hint: "set it (`timedatectl set-ntp true`): sessions seem to expire at the wrong time")
  }
}
