public import SystemIO

/// What the vendor's own client of Prime keeps: `~/.prime/config.json`, or that with a context laid over
/// it, as the client does (its version 0.18.0). The files say where a key goes, so they are held to the
/// same rules as our own `config.toml`.
public struct PrimeFile {
  let apiKey: String?
  let team: String?
  let baseURL: String?
  /// The file that these are from.
  let path: String

  public static func path(_ files: FileLocations) -> String { files.home + "/.prime/config.json" }

  /// The file of a context.
  static func path(_ files: FileLocations, context name: String) -> String {
    files.home + "/.prime/environments/\(name).json"
  }

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it cannot be used.
  static func read(_ files: FileLocations) throws(Failure) -> PrimeFile? {
    try read(at: path(files))
  }

  static func read(at path: String) throws(Failure) -> PrimeFile? {
    guard let file = try UserFile.read(path, .configuration) else { return nil }
    guard let fields = try? JSONValue(Array(file.text.utf8)), case .object = fields,
      let apiKey = text(fields["api_key"]), let team = text(fields["team_id"]),
      let baseURL = text(fields["base_url"])
    else {
      throw Failure(
        .configuration, step: "read the configuration",
        "\(file.path.sanitized()) is not what Prime's own client writes",
        hint: "run `prime login` again, or set PRIME_API_KEY and PRIME_API_BASE_URL")
    }
    return PrimeFile(apiKey: apiKey, team: team, baseURL: baseURL, path: path)
  }

  /// - Returns: `.some(nil)` where there is none, or an empty one; `nil` for something else than a text.
  private static func text(_ value: JSONValue?) -> String?? {
    switch value {
    case nil, .null?: .some(nil)
    case .string(let text)?: .some(text.isEmpty ? nil : text)
    default: nil
    }
  }
}

extension Configuration {
  /// A context of Prime's own client that the user has named: other settings under a name.
  struct PrimeContext {
    let name: String
    /// The variable or the file that names it.
    let origin: String
    /// Its key, if it has one.
    let apiKey: String?
    /// `nil` for the personal scope.
    let team: String?
    let baseURL: String?
    /// Its file; `nil` for `production`, which is built in: the default address and no team.
    let path: String?
  }

  /// The name of the context to use, and where it stands.
  private var primeContextName: (name: String, origin: String)? {
    if let name = environment["PRIME_CONTEXT"] { return (name, "PRIME_CONTEXT") }
    return file.providers[.prime]?.context.map { ($0, files.configurationFile.sanitized()) }
  }

  /// The file of the context that is named, whether it is there or not; `nil` for none.
  public var primeContextPath: String? {
    guard let (name, _) = primeContextName, PrimeScope.isContext(name),
      name.lowercased() != PrimeScope.production
    else { return nil }
    return PrimeFile.path(files, context: name)
  }

  /// The context that the user has named: PRIME_CONTEXT, else `config.toml`; nil for none.
  /// - Throws: `.configuration` for one that is not there or cannot be used: never another account.
  func primeContext() throws(Failure) -> PrimeContext? {
    guard let (name, origin) = primeContextName else { return nil }
    guard PrimeScope.isContext(name) else {
      throw Failure(
        .configuration, step: "read \(origin)", PrimeScope.contextProblem(name))
    }
    if name.lowercased() == PrimeScope.production {
      return PrimeContext(
        name: name, origin: origin, apiKey: nil, team: nil, baseURL: nil, path: nil)
    }
    let path = PrimeFile.path(files, context: name)
    guard let found = try PrimeFile.read(at: path) else {
      throw Failure(
        .configuration, step: "read the configuration",
        "there is no context \"\(name)\" of Prime's own client: \(path.sanitized()) is missing",
        hint: "`prime config envs` lists them; the name stands in \(origin)")
    }
    return PrimeContext(
      name: name, origin: origin, apiKey: found.apiKey, team: found.team, baseURL: found.baseURL,
      path: path)
  }

  /// Whose sandboxes are listed: `PRIME_TEAM_ID`, else what PRIME_CONTEXT's file says, else `team` of
  /// `config.toml`, else what the context named there says, else the vendor's own file.
  /// - Throws: `.configuration` when one that counts cannot be used.
  public func primeScope() throws(Failure) -> PrimeScope {
    let context = try primeContext()
    func scope(_ team: String?, _ origin: String?) throws(Failure) -> PrimeScope {
      if let team, !PrimeScope.isTeam(team) {
        throw Failure(
          .configuration, step: "read \(origin ?? "the configuration")",
          PrimeScope.teamProblem(team))
      }
      return PrimeScope(
        team: team, teamOrigin: origin, context: context?.name, contextOrigin: context?.origin)
    }
    if let text = environment["PRIME_TEAM_ID"] {
      let isBlank = text.allSatisfy { $0 == " " || $0 == "\t" }
      return try scope(isBlank ? nil : text, "PRIME_TEAM_ID")
    }
    if let context, environment["PRIME_CONTEXT"] != nil {
      return try scope(context.team, context.team == nil ? nil : context.path?.sanitized())
    }
    if let team = file.providers[.prime]?.team {
      return try scope(team, files.configurationFile.sanitized())
    }
    if let context {
      return try scope(context.team, context.team == nil ? nil : context.path?.sanitized())
    }
    let own = try PrimeFile.read(files)
    return try scope(own?.team, own?.team == nil ? nil : own?.path.sanitized())
  }
}
