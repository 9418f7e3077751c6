public import SystemIO

extension Configuration {
  /// The aliases of machines, by their vendor and id.
  public struct MachineAliases: Sendable {
    private let configuration: Configuration
    /// Names under `[hosts]`.
    private let names: [Machine: String]

    private struct Machine: Hashable {
      let provider: ProviderKind
      let id: String
    }

    init(_ configuration: Configuration) {
      self.configuration = configuration
      var names: [Machine: String] = [:]
      for name in configuration.hostNames {
        guard let alias = try? Alias(name), let named = try? configuration.machine(for: alias)
        else {
          continue
        }
        names[Machine(provider: named.provider, id: named.id)] = name
      }
      self.names = names
    }

    /// - Returns: `nil` for an id that cannot be part of an alias: it needs a name under `[hosts]`.
    public func alias(of id: String, at kind: ProviderKind) -> String? {
      names[Machine(provider: kind, id: id)] ?? configuration.alias(ofMachine: id, at: kind)
    }
  }

  /// Made anew at each call: it looks at every name under `[hosts]`.
  public var machineAliases: MachineAliases { MachineAliases(self) }

  /// The alias that a vendor's suffix makes of an id, or of a name that stands for one, in lower case;
  /// `nil` where none leads to it.
  public func alias(ofMachine id: String, at kind: ProviderKind) -> String? {
    let text = "\(id).\(suffix(of: kind))"
    guard let alias = try? Alias(text), alias.name == text,
      let named = try? machine(for: alias), named.provider == kind, named.id == id
    else { return nil }
    return text
  }

  /// One word for whose machines a vendor lists: its address, and what chooses among those that the user may
  /// see. No key is part of it.
  /// - Throws: `.configuration` when one of them cannot be used.
  public func listOwner(at kind: ProviderKind) throws(Failure) -> String {
    let settings = try settings(of: kind)
    let scope = try scope(of: kind)?.fields.map { $0.value ?? "" } ?? []
    return ([settings.baseURL] + settings.decisive + scope).map(\.percentEncoded).joined(
      separator: "|")
  }
}
