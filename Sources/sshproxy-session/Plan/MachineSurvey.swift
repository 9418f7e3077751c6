import Configuration
import Providers
import SystemIO

/// What the vendors list, asked all at once.
struct MachineSurvey {
  private(set) var machines: [(kind: ProviderKind, list: MachineList, names: MachineCache.List)] =
    []
  private(set) var failures: [(kind: ProviderKind, failure: Failure)] = []

  /// Asks, and remembers the answers for names and completion.
  /// - Throws: `.cancelled`; all else is among `failures`.
  init(_ kinds: [ProviderKind], _ configuration: Configuration, _ context: Context) throws(Failure)
  {
    defer { context.liveLine.clear() }
    let deadline = Moment.now + Int.milliseconds(seconds: configuration.connection.deadline)
    let first = context.providers(configuration)
    first.getKeys(of: kinds)
    // Where the answers are remembered.
    _ = try? PrivateDirectory(making: context.files.stateDirectory)
    var asking: [(kind: ProviderKind, task: () -> Result<MachineList, Failure>)] = []
    for kind in kinds {
      context.trace("asking \(kind.title)")
      do throws(Failure) {
        try Report.scope(of: kind, configuration, context.liveLine)
        let lister = try (kinds.count == 1 ? first : context.providers(beside: first))
          .machineList(of: kind)
        asking.append(
          (
            kind,
            { Result { () throws(Failure) in try lister?.machines(until: deadline) ?? .init() } }
          ))
      } catch {
        failures.append((kind, error))
      }
    }
    if kinds.count > 1 { first.begin() }
    let answers = try SideBySide.run(asking.map(\.task), caller: context.caller)
    for ((kind, _), answer) in zip(asking, answers) {
      do throws(Failure) {
        let list = try answer.get()
        context.trace("\(kind.title) lists \(list.machines.count)")
        machines.append((kind, list, MachineCache.List(list.machines, of: kind, configuration)))
      } catch {
        if error.kind == .cancelled { throw error }
        failures.append((kind, error))
      }
    }
    guard !machines.isEmpty else { return }
    MachineCache(context.files).remember(machines.map(\.names), configuration)
  }

  /// Says which vendors did not answer.
  /// - Returns: the first one's exit status.
  func reportFailures() -> Int32? {
    failures.map { Report.of($0.failure.about($0.kind.rawValue)) }.first
  }

  /// The vendors that list their machines and that there is a key for.
  /// - Throws: `.denied` where there is none.
  static func kinds(_ configuration: Configuration) throws(Failure) -> [ProviderKind] {
    let able = Installed.listing(configuration)
    let found = able.map(\.kind).filter(configuration.hasKey)
    guard !found.isEmpty else {
      throw Failure(
        .denied, "there is no API key for \(able.map(\.kind.title).joined(last: "or"))",
        hint:
          "run \(able.filter { $0.account == nil }.map { "`sshproxy login \($0.name)`" }.joined(last: "or"))"
      )
    }
    return found
  }
}
