import SessionRecord
import SystemIO

/// The words of the command line, as far as the hot path has to understand them. What it does not
/// know word for word belongs to `sshproxy-session`, which parses everything.
struct Invocation {
  enum Command {
    case version
    case prepare(alias: String)
    case connect(alias: String, passesDescriptor: Bool, isBare: Bool)
    /// Under `setup`'s lines `prepare` has said it already when `connect` runs.
    case malformedAlias(String, isSaid: Bool)
    case other

    var alias: String? {
      switch self {
      case .prepare(let alias), .connect(let alias, _, _): alias
      case .version, .malformedAlias, .other: nil
      }
    }
  }

  /// All words, the program's name first, as they came.
  let arguments: [String]
  private(set) var command = Command.other
  private(set) var isVerbose = false
  /// The words in front of the command that say where the files are.
  private(set) var globalOptions: [String] = []
  /// Whether this is one of the lines that `setup` wrote: there `prepare` has run before.
  var isManaged: Bool { home != nil }
  private var home: String?
  private var state: String?
  private var configuration: String?

  /// Commands of `sshproxy-session`; anything else that looks like an alias is one.
  private static let otherCommands: Set<String> = [
    "setup", "ssh", "exec", "resolve", "check", "list", "sessions", "close", "login", "help",
  ]

  init(_ arguments: [String]) {
    self.arguments = arguments
    var words = arguments.dropFirst()
    guard takeGlobalOptions(&words), let first = words.popFirst() else { return }
    switch first {
    case "--version": if words.isEmpty { command = .version }
    case "prepare": command = Self.prepare(words)
    case "connect": command = connect(words, isBare: false)
    default:
      if !Self.otherCommands.contains(first), !first.hasPrefix("-") {
        command = connect([first] + words, isBare: true)
      }
    }
  }

  /// Where sessions are; `nil` when only the password file knows the user's home.
  var statePath: String? { path(state, "XDG_STATE_HOME", ".local/state") }

  private var configurationPath: String? { path(configuration, "XDG_CONFIG_HOME", ".config") }

  private func path(_ given: String?, _ variable: String, _ usual: String) -> String? {
    if let given { return given }
    if let home { return "\(home)/\(usual)/sshproxy" }
    if let root = Self.absolute(variable) { return "\(root)/sshproxy" }
    return Self.absolute("HOME").map { "\($0)/\(usual)/sshproxy" }
  }

  private static func absolute(_ variable: String) -> String? {
    getenv(variable).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
  }

  /// Whether the user has edited the configuration since: the alias may lead elsewhere now.
  func isOutdated(
    _ record: SessionRecord, of alias: String, in state: borrowing StateDirectory
  ) -> Bool {
    guard let configurationPath else { return false }
    return state.isOlder(record, of: alias, than: "\(configurationPath)/config.toml")
  }

  /// The state directory, where there is one that is this user's alone.
  func openState() -> StateDirectory? {
    guard let statePath else { return nil }
    return try? StateDirectory(opening: statePath)
  }

  /// Takes `--home DIR`, `--state DIR`, `--config DIR` and `-v`, which `setup` writes in front.
  private mutating func takeGlobalOptions(_ words: inout ArraySlice<String>) -> Bool {
    while let word = words.first, word.hasPrefix("-") {
      switch word {
      case "-v": isVerbose = true
      case "--home", "--state", "--config":
        guard let value = words.dropFirst().first, value.hasPrefix("/") else { return false }
        if word == "--home" { home = value }
        if word == "--state" { state = value }
        if word == "--config" { configuration = value }
        globalOptions += [word, value]
        words.removeFirst()
      default: return word == "--version"
      }
      words.removeFirst()
    }
    return true
  }

  private static func prepare(_ words: ArraySlice<String>) -> Command {
    guard words.count == 1, let spelling = words.first, !spelling.hasPrefix("-") else {
      return .other
    }
    return AliasName.normalized(spelling).map { .prepare(alias: $0) }
      ?? .malformedAlias(spelling, isSaid: false)
  }

  /// `[--fdpass] [-v] ALIAS [PORT]`; the port is ssh's `%p` and means nothing here.
  private mutating func connect(_ words: ArraySlice<String>, isBare: Bool) -> Command {
    var words = words
    var passesDescriptor = false
    while let word = words.first, word.hasPrefix("-"), !isBare {
      switch word {
      case "--fdpass": passesDescriptor = true
      case "-v": isVerbose = true
      default: return .other
      }
      words.removeFirst()
    }
    guard let spelling = words.popFirst(), words.count <= 1,
      words.allSatisfy({ UInt16($0) != nil })
    else { return .other }
    guard let alias = AliasName.normalized(spelling) else {
      return .malformedAlias(spelling, isSaid: isManaged)
    }
    return .connect(alias: alias, passesDescriptor: passesDescriptor, isBare: isBare)
  }
}
