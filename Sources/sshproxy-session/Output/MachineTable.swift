import OpenSSH
import Providers
import Sessions
import SystemIO

/// The machines that `list` found, with the aliases that lead to them.
struct MachineTable {
  private struct Entry {
    let provider: ProviderKind
    let alias: String?
    let machine: Machine
  }

  private let configuration: Configuration
  /// Names under `[hosts]`, by provider and id.
  private let names: [String: String]
  private var entries: [Entry] = []

  init(_ configuration: Configuration) {
    self.configuration = configuration
    var names: [String: String] = [:]
    for name in configuration.hostNames {
      guard let alias = try? Alias(name), let named = try? configuration.machine(for: alias) else {
        continue
      }
      names["\(named.provider.rawValue) \(named.id)"] = name
    }
    self.names = names
  }

  mutating func add(_ machines: [Machine], of kind: ProviderKind) {
    entries += machines.map { Entry(provider: kind, alias: alias(of: $0, kind), machine: $0) }
    let found = entries.filter { $0.provider == kind }.compactMap(\.alias)
    MachineCache(configuration.files).remember(
      found, of: kind, isListed: configuration.connection.listsMachines)
  }

  /// - Returns: `nil` for an id that cannot be part of an alias: it needs a name under `[hosts]`.
  private func alias(of machine: Machine, _ kind: ProviderKind) -> String? {
    if let name = names["\(kind.rawValue) \(machine.id)"] { return name }
    let text = "\(machine.id).\(configuration.suffix(of: kind))"
    guard let alias = try? Alias(text), alias.name == text,
      let named = try? configuration.machine(for: alias), named.provider == kind,
      named.id == machine.id
    else { return nil }
    return text
  }

  var text: String {
    var table = Table(["ALIAS", "PROVIDER", "STATE", "NAME", "CREATED"])
    table.rows = entries.map { entry in
      [
        entry.alias ?? "- (id \(entry.machine.id))", entry.provider.rawValue,
        entry.machine.state, entry.machine.name ?? "-",
        entry.machine.created.map(TimeText.utc) ?? "-",
      ]
    }
    return table.text()
  }

  func count(of kind: ProviderKind) -> Int { entries.count { $0.provider == kind } }

  /// - Parameter cut: the providers that have more machines than were read.
  /// - Parameter asked: the providers that were asked.
  func json(
    _ failures: [(ProviderKind, Failure)], cut: [ProviderKind], asked: [ProviderKind]
  ) -> JSONText {
    let fields: [(String, JSONText)] = [
      (
        "machines",
        .list(
          entries.map { entry in
            .object([
              ("alias", .optional(entry.alias)), ("provider", .text(entry.provider.rawValue)),
              ("id", .text(entry.machine.id)), ("name", .optional(entry.machine.name)),
              ("state", .text(entry.machine.state)), ("created_at", .time(entry.machine.created)),
            ])
          })
      ),
      (
        "failures",
        .list(
          failures.map { provider, failure in
            .object([
              ("provider", .text(provider.rawValue)), ("kind", .text(failure.kind.rawValue)),
              ("message", .text(failure.message)), ("hint", .optional(failure.hint)),
            ])
          })
      ),
      ("truncated", .list(cut.map { .text($0.rawValue) })),
    ]
    return .object(fields + scopes(asked))
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
