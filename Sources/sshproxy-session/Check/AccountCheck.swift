import Configuration
import Providers
import SystemIO

/// Checks whether the providers answer, accept the keys, and agree about the time.
struct AccountCheck {
  let context: Context
  let report: CheckReport
  let configuration: Configuration

  /// How long a provider may take to answer, in milliseconds.
  private static let timeout = 10_000
  /// By how many seconds the clocks may differ without harm to certificates and expiry times.
  private static let tolerance: Int64 = 30

  /// - Parameter kind: the provider to check; `nil` for all that have a key.
  func run(_ kind: ProviderKind?) throws(Failure) {
    if let kind {
      guard kind.isVendor else { return }
      return try run([kind])
    }
    try run(kinds.filter(configuration.hasKey))
    guard !kinds.contains(where: configuration.hasKey), configuration.hostNames.isEmpty else {
      return
    }
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

  /// What one provider answered, as its own thread found it.
  private final class KeyAnswer {
    var verdict = Result<KeyVerdict, Failure>.failure(Failure(.cancelled, ""))
    var milliseconds = 0
    var lookup: (host: String, milliseconds: Int)?
  }

  /// Asks all at once, and reports one after the other.
  private func run(_ kinds: [ProviderKind]) throws(Failure) {
    context.liveLine.change(to: "asking \(kinds.map(\.title).joined(last: "and"))")
    let first = context.providers(configuration)
    var answers: [ProviderKind: KeyAnswer] = [:]
    var tasks: [() -> Void] = []
    for kind in kinds where configuration.hasKey(for: kind) {
      let answer = KeyAnswer()
      answers[kind] = answer
      let providers = kinds.count == 1 ? first : context.providers(beside: first)
      let checker = Result { () throws(Failure) in try providers.keyCheck(of: kind) }
      providers.watchLookups { base, time in
        guard time > 0, let host = BaseURL.host(of: base) else { return }
        answer.lookup = (host, time)
      }
      tasks.append {
        let start = Moment.now
        answer.verdict = Result { () throws(Failure) in
          try checker.get().check(until: start + Self.timeout)
        }
        answer.milliseconds = Moment.now - start
      }
    }
    if tasks.count > 1 { first.begin() }
    _ = try SideBySide.run(tasks, caller: context.caller)
    for kind in kinds { try tell(kind, answers[kind]) }
  }

  private func tell(_ kind: ProviderKind, _ answer: KeyAnswer?) throws(Failure) {
    let hasKey = try report.step("key \(kind.rawValue)") { () throws(Failure) in
      switch try configuration.keySource(of: kind) {
      case .value(let key): return .green("from \(key.origin)")
      case .command(_, let origin): return .green("from the command in \(origin)")
      case .missing(let hint):
        return .red("there is no API key for \(kind.title)", hint: hint, status: .denied)
      }
    }
    guard hasKey, let answer else { return }
    if let (host, time) = answer.lookup {
      report.add("name \(kind.rawValue)", .green("looked up for \(host)"), milliseconds: time)
    }
    var finding: Finding
    do throws(Failure) {
      let base = try configuration.baseURL(of: kind)
      let owner = try answer.verdict.get().owner.map { " of \($0)" } ?? ""
      let scope = try configuration.scope(of: kind).map { "; \($0.text)" } ?? ""
      finding = .green("\(base) takes the key\(owner)\(scope)")
    } catch {
      if error.kind == .cancelled { throw error }
      finding = .red(error)
    }
    report.add("api \(kind.rawValue)", finding, milliseconds: answer.milliseconds)
    if let time = try? answer.verdict.get().time {
      try report.step("clock \(kind.rawValue)") { () in clock(time) }
    }
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
