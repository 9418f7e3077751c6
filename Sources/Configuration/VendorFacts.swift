public import SystemIO

/// What the configuration has to know of a vendor. `Providers` adds how its provider and its account are
/// made; nothing else in the program names a vendor.
public struct VendorFacts: Sendable {
  /// An environment variable that holds an API key, and how such a key is sent.
  public struct KeyVariable: Sendable {
    /// What it is called.
    public let name: String
    /// How its key is sent.
    public let header: APIKey.Header
    /// For the manual; empty where another variable's text tells of it.
    public let about: String

    /// - Parameter about: for the manual; empty where another variable's text tells of it.
    public init(_ name: String, header: APIKey.Header = .bearer, about: String = "") {
      self.name = name
      self.header = header
      self.about = about
    }
  }

  /// The form of a machine's id, where the vendor has one that is narrower than that of an alias.
  public struct MachineID: Sendable {
    /// The end of a sentence: `a machine of Acme`.
    let noun: String
    let hint: String
    let allows: @Sendable (String) -> Bool

    /// - Parameters:
    ///   - noun: the end of a sentence: `a machine of Acme`.
    ///   - hint: what to do about an id that is none.
    ///   - allows: whether a text has the form.
    public init(_ noun: String, hint: String, allows: @escaping @Sendable (String) -> Bool) {
      self.noun = noun
      self.hint = hint
      self.allows = allows
    }
  }

  /// What names it everywhere else.
  public let kind: ProviderKind
  /// The machine of the examples in the help: with the suffix it is an alias.
  public let exampleID: String
  /// Of its aliases, unless the user chooses another.
  public let suffix: String
  /// The name of the vendor whose key, base URL and client it uses, where it is another kind of machine of
  /// the same account; `nil` for one with an account of its own.
  public let account: String?
  /// The variables of the vendor's own client, the first that is set counts. No child process sees them.
  public let keys: [KeyVariable]
  /// How a key from a file or a command is sent.
  public let keyHeader: APIKey.Header
  /// The variables of its own client that name another base URL; the first that is set counts.
  public let baseURLVariables: [String]
  /// The base URL of its API, without a slash at its end; empty where another vendor's counts (`account`).
  public let baseURL: String
  /// What the vendor's own client drops from the end of a base URL; empty for nothing.
  public let droppedPath: String
  /// Further environment variables, for the manual.
  public let variables: [(name: String, about: String)]
  /// Its own keys in `config.toml`.
  public let options: [VendorOption]
  /// `nil` where an id may be whatever an alias may be.
  public let machineID: MachineID?
  /// Whether ssh calls us for its suffix whoever the user is. Any other vendor's hosts are the user's own
  /// until they have a key for it, or its table in `config.toml`.
  public let isAlwaysClaimed: Bool
  /// Whether its list has names that people give to its machines: one stands for the machine's id.
  public let hasNames: Bool
  /// Whether `n2.` before an id, or a name, means the second computer of that machine.
  public let hasNodes: Bool
  /// Whether its sessions begin with a certificate for our key.
  public let certifiesKeys: Bool
  /// Whether its answers name a second server, whose port only they know.
  public let namesServers: Bool
  /// What the vendor's own client keeps.
  public let client: VendorClient?
  /// Which of the user's accounts is asked; `nil` where there is one only.
  public let scope: (@Sendable (VendorSources) throws(Failure) -> VendorScope)?
  /// What a table of `config.toml` says of it; `nil` for a vendor with code of its own.
  public let description: CloudDescription?
  /// What `list --json` says of the scope: the vendor's name and the fields, for the manual.
  public let scopeFields: [(name: String, about: String)]

  /// - Parameters:
  ///   - name: the word for it in files, JSON and on the command line.
  ///   - title: the name as its owners write it.
  ///   - suffix: `nil` for the name.
  public init(
    _ name: String, title: String, exampleID: String = "sb1", suffix: String? = nil,
    account: String? = nil, keys: [KeyVariable] = [], keyHeader: APIKey.Header = .bearer,
    baseURL: String = "",
    baseURLVariables: [String] = [], droppedPath: String = "",
    variables: [(name: String, about: String)] = [], options: [VendorOption] = [],
    machineID: MachineID? = nil, isAlwaysClaimed: Bool = false, hasNames: Bool = true,
    hasNodes: Bool = false,
    certifiesKeys: Bool = false, namesServers: Bool = false, client: VendorClient? = nil,
    scope: (@Sendable (VendorSources) throws(Failure) -> VendorScope)? = nil,
    scopeFields: [(name: String, about: String)] = [], description: CloudDescription? = nil
  ) {
    kind = ProviderKind(vendor: name, title: title)
    self.exampleID = exampleID
    self.suffix = suffix ?? name
    self.account = account
    self.keys = keys
    self.keyHeader = keyHeader
    self.baseURL = baseURL
    self.baseURLVariables = baseURLVariables
    self.droppedPath = droppedPath
    self.variables = variables
    self.options = options
    self.machineID = machineID
    self.isAlwaysClaimed = isAlwaysClaimed
    self.hasNames = hasNames
    self.hasNodes = hasNodes
    self.certifiesKeys = certifiesKeys
    self.namesServers = namesServers
    self.client = client
    self.scope = scope
    self.scopeFields = scopeFields
    self.description = description
  }

  /// The files of its own client that are read, whether they are there or not.
  public func clientFiles(_ sources: VendorSources) -> [String] { client?.files(sources) ?? [] }

  /// Its table in `config.toml`.
  var table: [String] { description == nil ? [name] : ["providers", name] }

  /// The word for it in files, JSON and on the command line.
  public var name: String { kind.rawValue }

  /// Why a text is not the id of one of its machines; `nil` where it may be one.
  /// - Parameter alias: the alias that it stands in, for the message.
  public func problem(with id: String, in alias: Alias) -> Failure? {
    guard let form = machineID, !form.allows(id) else { return nil }
    return Failure(
      .usage, "\"\(id.sanitized())\" in \"\(alias.spelling)\" is not the id of \(form.noun)",
      hint: form.hint)
  }

  /// An id, or a name, in two: which node of it is meant (`n2.`, or nothing), and the machine.
  public func parts(of id: String) -> (node: Substring, machine: Substring) {
    guard hasNodes, id.hasPrefix("n"), let dot = id.firstIndex(of: ".") else {
      return ("", id[...])
    }
    guard Grammar.number(id[..<dot].dropFirst(), in: 1...9999) != nil else { return ("", id[...]) }
    return (id[...dot], id[dot...].dropFirst())
  }

  /// The alias of the examples in the help.
  public var exampleAlias: String { "\(exampleID).\(suffix)" }
}

/// What a vendor's own client keeps on this computer.
public struct VendorClient: Sendable {
  /// What it says.
  public struct Settings: Sendable {
    let origin: String
    let apiKey: String?
    let baseURL: String?

    /// What a file of the client says; `nil` for what it does not.
    /// - Parameter origin: the file that says so, for messages.
    public init(origin: String, apiKey: String?, baseURL: String?) {
      self.origin = origin
      self.apiKey = apiKey
      self.baseURL = baseURL
    }
  }

  /// Reads settings; `nil` where there are none. Throws `.configuration` where they cannot be used.
  public typealias Reader = @Sendable (VendorSources) throws(Failure) -> Settings?

  /// Settings that the user has chosen by name: they count before our own files.
  let chosen: Reader?
  /// The usual ones, which count after them.
  let usual: Reader
  /// The files that both are read from, whether they are there or not.
  let files: @Sendable (VendorSources) -> [String]

  /// - Parameters:
  ///   - files: those that both are read from, whether they are there or not.
  ///   - chosen: reads the settings that the user has chosen by name; `nil` where there are none.
  ///   - usual: reads the usual ones.
  public init(
    files: @escaping @Sendable (VendorSources) -> [String], chosen: Reader? = nil,
    usual: @escaping Reader
  ) {
    self.files = files
    self.chosen = chosen
    self.usual = usual
  }

  /// A client with one file, which has the key.
  /// - Parameter file: its path below the home directory, with the slash before it.
  public init(file: String, key: @escaping @Sendable (UserFile) throws(Failure) -> String?) {
    self.init(
      files: { [$0.files.home + file] },
      usual: { (sources) throws(Failure) in
        guard let file = try sources.read(sources.files.home + file, .configuration) else {
          return nil
        }
        return Settings(origin: file.path.sanitized(), apiKey: try key(file), baseURL: nil)
      })
  }
}

/// Which of a user's accounts at a vendor is asked.
public struct VendorScope: Sendable {
  /// For people: `team t-1 (ACME_TEAM)`.
  public let text: String
  /// Whether nothing chose it.
  public let isUsual: Bool
  /// For programs: names and values, in their order.
  public let fields: [(name: String, value: String?)]

  /// - Parameters:
  ///   - text: for people.
  ///   - fields: for programs, named as `scopeFields` has them.
  public init(text: String, isUsual: Bool, fields: [(name: String, value: String?)]) {
    self.text = text
    self.isUsual = isUsual
    self.fields = fields
  }
}
