public import SystemIO

/// What the user has said about one vendor, and where more of it may stand.
public struct VendorSources: Sendable {
  /// Where the user's files are.
  public let files: FileLocations
  /// Its own keys in `config.toml`.
  let options: [String: VendorOption.Value]
  private let environment: [String: String]
  private let userFiles: UserFiles

  /// Where there is no `config.toml`, or none that can be read.
  public init(_ files: FileLocations, environment: [String: String]) {
    self.init(files, options: [:], environment: environment, UserFiles())
  }

  init(
    _ files: FileLocations, options: [String: VendorOption.Value], environment: [String: String],
    _ userFiles: UserFiles
  ) {
    self.files = files
    self.userFiles = userFiles
    self.options = options
    self.environment = environment
  }

  /// A text of the vendor's table in `config.toml`.
  public func option(_ name: String) -> String? {
    if case .text(let text)? = options[name] { text } else { nil }
  }

  /// A file of the vendor's own client, which is read once in a run.
  /// - Returns: `nil` where there is none.
  /// - Throws: `.configuration` when it is not a regular file, is larger than 256 KiB, is not text, or has
  ///   another owner or other permissions than `trust` demands.
  public func read(_ path: String, _ trust: UserFile.Trust) throws(Failure) -> UserFile? {
    try userFiles.read(path, trust)
  }

  /// An environment variable; an empty one counts as unset.
  public func variable(_ name: String) -> String? { environment.nonEmpty(name) }

  /// An environment variable that means something when it is empty, too.
  public func variableIfSet(_ name: String) -> String? { environment[name] }
}

/// What a vendor's provider needs to know besides the machine.
public struct VendorSettings: Sendable, Equatable {
  /// Which vendor.
  public let kind: ProviderKind
  /// Without a slash at its end.
  public let baseURL: String
  /// What decides where an alias leads, besides the base URL.
  let decisive: [String]
  private let options: [String: VendorOption.Value]

  /// - Parameters:
  ///   - baseURL: without a slash at its end.
  ///   - decisive: what decides where an alias leads, besides the base URL.
  public init(
    _ kind: ProviderKind, baseURL: String, options: [String: VendorOption.Value] = [:],
    decisive: [String] = []
  ) {
    self.kind = kind
    self.baseURL = baseURL
    self.options = options
    self.decisive = decisive
  }

  /// The value of one of its own keys that is a text; `nil` for none.
  public func text(_ option: String) -> String? {
    if case .text(let text)? = options[option] { text } else { nil }
  }

  /// The value of one that is a number: the usual one where the table has none.
  /// - Throws: `.internalError` where the vendor has no such key.
  public func number(_ option: String) throws(Failure) -> Int {
    guard case .number(let number)? = options[option] else {
      throw Failure(.internalError, "\(kind.rawValue) has no number \"\(option)\" in config.toml")
    }
    return number
  }
}

extension [String: String] {
  /// A variable of an environment; an empty one counts as unset.
  package func nonEmpty(_ name: String) -> String? {
    self[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
