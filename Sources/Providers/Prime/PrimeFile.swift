import Configuration
import Grammar
import SystemIO

/// What the vendor's own client of Prime keeps: `~/.prime/config.json`, or that with a context laid over
/// it, as the client does (its version 0.18.0). The files say where a key goes, so they are held to the
/// same rules as our own `config.toml`.
struct PrimeFile {
  let apiKey: String?
  let team: String?
  let baseURL: String?
  /// The key that logs in to pods.
  let keyFile: String?
  /// The file that these are from.
  let path: String

  static func path(_ files: FileLocations) -> String { files.home + "/.prime/config.json" }

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it cannot be used.
  static func read(_ sources: VendorSources) throws(Failure) -> PrimeFile? {
    try read(at: path(sources.files), sources)
  }

  static func read(at path: String, _ sources: VendorSources) throws(Failure) -> PrimeFile? {
    guard let file = try sources.read(path, .configuration) else { return nil }
    guard let fields = try? JSONValue(Array(file.text.utf8)), case .object = fields,
      let apiKey = text(fields["api_key"]), let team = text(fields["team_id"]),
      let baseURL = text(fields["base_url"]), let keyFile = text(fields["ssh_key_path"])
    else {
      throw Failure(
        .configuration, step: "read the configuration",
        "\(file.path.sanitized()) is not what Prime's own client writes",
        hint: "run `prime login` again, or set PRIME_API_KEY and PRIME_API_BASE_URL")
    }
    return PrimeFile(
      apiKey: apiKey, team: team, baseURL: baseURL, keyFile: keyFile, path: path)
  }

  /// - Returns: `.some(nil)` where there is none, or an empty one; `nil` for something else than a text.
  private static func text(_ value: JSONValue?) -> String?? {
    switch value {
    case nil, .null?: .some(nil)
    case .string(let text)?: .some(text.isEmpty ? nil : text)
    default: nil
    }
  }

  fileprivate var settings: VendorClient.Settings {
    .init(origin: path.sanitized(), apiKey: apiKey, baseURL: baseURL)
  }
}

extension VendorClient {
  /// Prime's own client: a context that is named counts before our own files, the usual file after them.
  static let prime = VendorClient(
    files: { [PrimeFile.path($0.files), PrimeContext.path($0)].compactMap { $0 } },
    chosen: { (sources) throws(Failure) in
      guard let context = try PrimeContext(sources) else { return nil }
      return context.file?.settings ?? Settings(origin: "", apiKey: nil, baseURL: nil)
    },
    usual: { (sources) throws(Failure) in try PrimeFile.read(sources)?.settings })
}

/// Which of a user's accounts at Prime Intellect is asked: the personal one or a team's, in which context
/// of the vendor's own client.
struct PrimeScope: Equatable {
  /// The team's id; `nil` for the personal scope.
  let team: String?
  /// The variable or file that says so; `nil` where nothing does.
  let teamOrigin: String?
  let context: String?
  let contextOrigin: String?

  /// Whose sandboxes are listed: `PRIME_TEAM_ID`, else what PRIME_CONTEXT's file says, else `team` of
  /// `config.toml`, else what the context named there says, else the vendor's own file.
  /// - Throws: `.configuration` when one that counts cannot be used.
  init(_ sources: VendorSources) throws(Failure) {
    let context = try PrimeContext(sources)
    self.context = context?.name
    contextOrigin = context?.origin
    (team, teamOrigin) = try Self.team(sources, context)
    if let team, let problem = Self.problem(team) {
      throw Failure(.configuration, step: "read \(teamOrigin ?? "the configuration")", problem)
    }
  }

  private static func team(
    _ sources: VendorSources, _ context: PrimeContext?
  ) throws(Failure) -> (team: String?, origin: String?) {
    if let text = sources.variableIfSet("PRIME_TEAM_ID") {
      let isBlank = text.allSatisfy { $0 == " " || $0 == "\t" }
      return (isBlank ? nil : text, "PRIME_TEAM_ID")
    }
    let named = sources.variable("PRIME_CONTEXT") == nil ? sources.option("team") : nil
    if let named { return (named, sources.files.configurationFile.sanitized()) }
    let file = if let context { context.file } else { try PrimeFile.read(sources) }
    return (file?.team, file?.team == nil ? nil : file?.path.sanitized())
  }

  /// For people: `team t-1 (PRIME_TEAM_ID), context work (PRIME_CONTEXT)`.
  var text: String {
    let origin = teamOrigin.map { " (\($0))" } ?? ""
    let scope = team.map { "team \($0.sanitized(limit: 60))" } ?? "personal scope"
    guard let context, let contextOrigin else { return scope + origin }
    return "\(scope)\(origin), context \(context.sanitized(limit: 60)) (\(contextOrigin))"
  }

  /// The same as a row of a vendor gives it.
  var scope: VendorScope {
    VendorScope(
      text: text, isUsual: teamOrigin == nil && context == nil,
      fields: [("team", team), ("context", context)])
  }

  /// It is sent in each URL of a list.
  static let teamForm = VendorOption.word("a team")

  private static func problem(_ team: String) -> String? {
    if case .text(let problem) = teamForm { problem(team) } else { nil }
  }
}

/// A context of Prime's own client that the user has named: other settings under a name.
struct PrimeContext {
  let name: String
  /// The variable or the file that names it.
  let origin: String
  /// `nil` for `production`, which is built in: the default address and no team.
  let file: PrimeFile?

  private static let production = "production"

  /// The context that the user has named: PRIME_CONTEXT, else `config.toml`; `nil` for none.
  /// - Throws: `.configuration` for one that is not there or cannot be used: never another account.
  init?(_ sources: VendorSources) throws(Failure) {
    guard let (name, origin) = Self.name(sources) else { return nil }
    if let problem = Self.problem(name) {
      throw Failure(.configuration, step: "read \(origin)", problem)
    }
    self.name = name
    self.origin = origin
    guard let path = Self.path(sources) else {
      file = nil
      return
    }
    file = try PrimeFile.read(at: path, sources)
    guard file != nil else {
      throw Failure(
        .configuration, step: "read the configuration",
        "there is no context \"\(name)\" of Prime's own client: \(path.sanitized()) is missing",
        hint: "`prime config envs` lists them; the name stands in \(origin)")
    }
  }

  /// The file of the context that is named, whether it is there or not; `nil` for none.
  static func path(_ sources: VendorSources) -> String? {
    guard let (name, _) = name(sources), problem(name) == nil, name.lowercased() != production
    else { return nil }
    return sources.files.home + "/.prime/environments/\(name).json"
  }

  private static func name(_ sources: VendorSources) -> (String, origin: String)? {
    if let name = sources.variable("PRIME_CONTEXT") { return (name, "PRIME_CONTEXT") }
    return sources.option("context").map { ($0, sources.files.configurationFile.sanitized()) }
  }

  /// The vendor's grammar of a context's name: `[a-zA-Z0-9_-]+`.
  static func problem(_ text: String) -> String? {
    let isName =
      (1...128).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        $0.isAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      }
    guard !isName else { return nil }
    return
      "\"\(text.sanitized(limit: 60))\" cannot be a context: letters, digits, dashes and underscores"
  }
}
