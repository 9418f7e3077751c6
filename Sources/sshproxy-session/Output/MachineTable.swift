import Configuration
import Providers
import SystemIO

/// The machines that were listed, with the aliases that lead to them: by vendor, and there by name.
struct MachineTable {
  struct Entry {
    let provider: ProviderKind
    let alias: String?
    let machine: Machine

    /// What leads to it, for people.
    var way: String { alias ?? "- (id \(machine.id))" }
  }

  private let configuration: Configuration
  private let survey: MachineSurvey
  let entries: [Entry]

  init(_ survey: MachineSurvey, _ configuration: Configuration) {
    self.configuration = configuration
    self.survey = survey
    let aliases = configuration.machineAliases
    entries = survey.machines.flatMap { kind, list, names in
      list.machines
        .map { machine in
          let byName =
            configuration.facts(of: kind)?.hasNames == true ? names.name(of: machine) : nil
          let alias =
            aliases.alias(of: machine.id, at: kind)
            ?? byName.flatMap { configuration.alias(ofMachine: $0, at: kind) }
          return Entry(provider: kind, alias: alias, machine: machine)
        }
        .map { (NaturalOrder($0.machine.name ?? $0.machine.id), NaturalOrder($0.machine.id), $0) }
        .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
  }

  /// For people on a terminal, as wide as it is; else a line a machine, with tabs and all that is known.
  func text(now: Int64 = WallClock.seconds, width: Int? = TerminalWidth.ofOutput) -> String {
    guard let width else { return Table.tabbed(entries.map(\.fields)) }
    return Self.table(entries, now: now).text(width: width)
  }

  static func table(_ entries: [Entry], now: Int64 = WallClock.seconds) -> Table {
    var table = Table(columns)
    table.rows = entries.map { entry in
      let machine = entry.machine
      return [
        entry.way, machine.name ?? "-", machine.gpuText, machine.priceText, machine.state,
        machine.created.map { TimeText.age(since: $0, now: now) } ?? "-",
        machine.ends.map { TimeText.left(until: $0, now: now) } ?? "-",
        machine.nodes.map(String.init) ?? "-", entry.provider.rawValue,
      ]
    }
    return table
  }

  /// What can be missed most goes first where the terminal is narrow.
  private static let columns: [Table.Column] = [
    .init("ALIAS"), .init("NAME", least: 8, rank: 5), .init("GPU", least: 6, rank: 7),
    .init("$/H", rank: 6), .init("STATE", least: 6, rank: 8), .init("AGE", rank: 3),
    .init("LEFT", rank: 4), .init("NODES", rank: 2), .init("PROVIDER", rank: 1),
  ]

  /// - Parameter asked: the providers that were asked.
  func json(asked: [ProviderKind]) -> JSONText {
    let failures = survey.failures.map { provider, failure in
      JSONText.object([
        ("provider", .text(provider.rawValue)), ("kind", .text(failure.kind.rawValue)),
        ("message", .text(failure.message)), ("hint", .optional(failure.hint)),
      ])
    }
    let fields: [(String, JSONText)] = [
      ("machines", .list(entries.map(\.json))), ("failures", .list(failures)),
      ("truncated", .list(cut.map { .text($0.kind.rawValue) })),
    ]
    return .object(fields + scopes(asked))
  }

  /// The providers that have more machines than were read.
  var cut: [(kind: ProviderKind, list: MachineList)] {
    survey.machines.filter(\.list.isCut).map { ($0.kind, $0.list) }
  }

  /// Says where lists stop.
  func reportCut() {
    for (kind, list) in cut {
      Report.line(
        "note: \(kind.rawValue): the list stops after \(list.machines.count) machines; there are more"
      )
    }
  }

  /// By the vendor's name, which of the user's accounts was asked; null where none was.
  private func scopes(_ asked: [ProviderKind]) -> [(String, JSONText)] {
    configuration.vendors.filter { $0.scope != nil }.map { vendor in
      let scope = asked.contains(vendor.kind) ? try? configuration.scope(of: vendor.kind) : nil
      let fields = scope?.fields.map { ($0.name, JSONText.optional($0.value)) }
      return (vendor.name, fields.map { .object($0) } ?? .null)
    }
  }
}

extension MachineTable.Entry {
  /// For programs: what is not known is `-`.
  fileprivate var fields: [String] {
    let price = machine.pricePerHour.map { "\($0)" }
    let known: [String?] = [
      way, provider.rawValue, machine.state, machine.name, machine.created.map(TimeText.utc),
      machine.gpu, machine.gpuCount.map { String($0) }, price, machine.nodes.map { String($0) },
      machine.ends.map(TimeText.utc),
    ]
    return known.map { $0 ?? "-" }
  }

  fileprivate var json: JSONText {
    func number(_ value: Int?) -> JSONText { value.map { .number(Int64($0)) } ?? .null }
    return .object([
      ("alias", .optional(alias)), ("provider", .text(provider.rawValue)),
      ("id", .text(machine.id)), ("name", .optional(machine.name)),
      ("gpu", .optional(machine.gpu)), ("gpu_count", number(machine.gpuCount)),
      ("price_per_hour", machine.pricePerHour.map { .decimal($0) } ?? .null),
      ("nodes", number(machine.nodes)), ("state", .text(machine.state)),
      ("created_at", .time(machine.created)), ("ends_at", .time(machine.ends)),
    ])
  }
}

extension Machine {
  /// `8 × H100`; `-` where nothing is known of them, or there are none.
  fileprivate var gpuText: String {
    switch (gpuCount, gpu) {
    case (0, _), (nil, nil): "-"
    case (1, .some(let model)), (nil, .some(let model)): model
    case (.some(let count), let model): "\(count) × \(model ?? "GPU")"
    }
  }

  /// US dollars, to the cent, or below ten cents to a hundredth of one.
  fileprivate var priceText: String {
    guard let pricePerHour else { return "-" }
    let places = pricePerHour > 0 && pricePerHour < 0.1 ? 4 : 2
    let unit = places == 4 ? 10_000 : 100
    let whole = Int((pricePerHour * Double(unit)).rounded())
    let rest = String(whole % unit)
    return "\(whole / unit).\(String(repeating: "0", count: places - rest.count))\(rest)"
  }
}

/// Orders names as people do: runs of digits by their value, letters of either case alike.
struct NaturalOrder: Comparable {
  private enum Part: Comparable {
    case number(String)
    case text(String)

    static func < (one: Part, other: Part) -> Bool {
      switch (one, other) {
      case (.number(let one), .number(let other)):
        one.utf8.count == other.utf8.count ? one < other : one.utf8.count < other.utf8.count
      case (.text(let one), .text(let other)): one < other
      case (.number, .text): true
      case (.text, .number): false
      }
    }
  }

  private let parts: [Part]

  init(_ text: String) {
    var parts: [Part] = []
    var rest = text.lowercased().utf8[...]
    while let first = rest.first {
      let run = rest.prefix { $0.isDigit == first.isDigit }
      let word = String(decoding: run, as: UTF8.self)
      parts.append(first.isDigit ? .number(String(word.drop { $0 == "0" })) : .text(word))
      rest = rest[run.endIndex...]
    }
    self.parts = parts
  }

  static func < (one: Self, other: Self) -> Bool {
    one.parts.lexicographicallyPrecedes(other.parts)
  }
}
