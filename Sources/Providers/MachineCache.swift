public import Configuration
import Grammar
import SessionRecord
import SystemIO

/// What was listed last, of each vendor: for the names of machines, and for the shell's completion. A
/// file in the state directory; it may be lost at any time. For each vendor there is a line
/// `list VENDOR TIME OWNER`, and below it for each machine that an alias or a name leads to a line
/// `machine ALIAS ID NAME`, with `-` for what is not there.
public struct MachineCache {
  private static let name = "machines"
  private static let limit = 4 << 20
  /// How long a list counts, in seconds.
  private static let life: Int64 = 60

  /// A machine that an alias can lead to.
  public struct Entry: Equatable, Sendable {
    /// By its id, or its name under `[hosts]`; `nil` where only its name leads to it.
    public let alias: String?
    /// As the vendor has it.
    public let id: String
    /// In lower case; `nil` where it has none that could stand in an alias.
    public let name: String?
  }

  /// What one vendor listed.
  public struct List: Sendable {
    /// The vendor's name.
    public let provider: String
    /// Unix seconds.
    let time: Int64
    /// Whose it is: `Configuration.listOwner`.
    let owner: String
    /// In the vendor's order.
    public private(set) var machines: [Entry] = []
    /// In lower case. Looked up for each machine: a list may have thousands.
    private var ids: Set<String> = []
    private var byName: [String: [Entry]] = [:]

    fileprivate init(_ provider: String, _ time: Int64, _ owner: String) {
      (self.provider, self.time, self.owner) = (provider, time, owner)
    }

    /// What a vendor has listed just now.
    public init(_ machines: [Machine], of kind: ProviderKind, _ configuration: Configuration) {
      let owner = (try? configuration.listOwner(at: kind)) ?? "-"
      self.init(kind.rawValue, WallClock.seconds, owner)
      let aliases = configuration.machineAliases
      for machine in machines where Alias.broken(by: machine.id) == nil {
        let alias = aliases.alias(of: machine.id, at: kind)
        let name = machine.name.flatMap { Alias(reading: $0)?.name }
        guard alias ?? name != nil else { continue }
        add(Entry(alias: alias, id: machine.id, name: name))
      }
    }

    fileprivate mutating func add(_ machine: Entry) {
      machines.append(machine)
      ids.insert(machine.id.lowercased())
      if let name = machine.name { byName[name, default: []].append(machine) }
    }

    /// How old it is, in seconds.
    var age: Int64 { WallClock.seconds.saturatingSubtracting(time) }

    /// The machines of a name that is nobody's id: more than one where it is not unique.
    func named(_ name: String) -> [Entry] {
      let name = name.lowercased()
      return ids.contains(name) ? [] : byName[name] ?? []
    }

    /// The name that leads to a machine, in lower case; `nil` where none does.
    public func name(of machine: Machine) -> String? {
      guard let name = machine.name.flatMap({ Alias(reading: $0)?.name }),
        case let found = named(name), found.count == 1, found.first?.id == machine.id
      else { return nil }
      return name
    }

    /// The names that lead to a machine.
    public var names: [String] { byName.keys.filter { named($0).count == 1 }.sorted() }
  }

  private let directory: String

  /// Of the user whose state directory that is; nothing is read yet.
  public init(_ files: FileLocations) {
    directory = files.stateDirectory
  }

  /// What is known of all vendors, however old it is.
  public var lists: [List] {
    guard
      let bytes = try? PrivateFile.read("\(directory)/\(Self.name)", limit: Self.limit)
    else { return [] }
    var lists: [List] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 4 else { continue }
      if words[0] == "list", let time = Int64(words[2]) {
        lists.append(List(words[1], time, words[3]))
      } else if words[0] == "machine", !lists.isEmpty {
        let alias = Alias(reading: words[1])?.name
        let name = Alias(reading: words[3])?.name
        lists[lists.count - 1].add(Entry(alias: alias, id: words[2], name: name))
      }
    }
    return lists
  }

  /// A vendor's list, where it is young enough to count.
  /// - Parameter owner: whose list it has to be.
  func list(of kind: ProviderKind, owner: String) -> List? {
    lists.first {
      $0.provider == kind.rawValue && $0.owner == owner && (0...Self.life).contains($0.age)
    }
  }

  /// Replaces what is remembered of the vendors whose lists these are. Where `list_machines` is on, the aliases of
  /// all are also written as `Host` lines, for programs that list the hosts of ssh's configuration.
  public func remember(_ new: [List], _ configuration: Configuration) {
    let replaced = Set(new.map(\.provider))
    let all = lists.filter { !replaced.contains($0.provider) } + new
    let lines = all.flatMap { list in
      ["list \(list.provider) \(list.time) \(list.owner)\n"]
        + list.machines.map { "machine \($0.alias ?? "-") \($0.id) \($0.name ?? "-")\n" }
    }
    // It is only a convenience, so nobody fails when the disk is full.
    guard let folder = try? PrivateDirectory(making: directory) else { return }
    try? PrivateFile.write(lines.joined(), to: Self.name, in: folder.descriptor)
    guard configuration.connection.listsMachines else {
      return folder.remove(StateDirectory.machinesName)
    }
    let known = all.flatMap { $0.machines.compactMap(\.alias) }
    let hosts = ConfigLine.runs(of: known, room: ConfigLine.longest - "Host ".utf8.count)
    try? PrivateFile.write(
      hosts.map { "Host \($0.joined(separator: " "))\n" }.joined(), to: StateDirectory.machinesName,
      in: folder.descriptor)
  }
}
