import SessionRecord
import SystemIO

/// The command line, as far as the hot path has to understand it. Everything else is left to
/// `sshproxy-session`, which parses all of it.
struct Invocation {
  enum Command {
    case version
    case prepare(alias: String)
    /// `identity`: the record's `endpointIdentity` that it alone may lead to; `nil` for any.
    case connect(alias: String, passesDescriptor: Bool, isBare: Bool, identity: String?)
    /// `isReported`: with `setup`'s lines, `prepare` has reported it before `connect` runs.
    case malformedAlias(String, isReported: Bool)
    case other

    var alias: String? {
      switch self {
      case .prepare(let alias), .connect(let alias, _, _, _): alias
      case .version, .malformedAlias, .other: nil
      }
    }
  }

  /// All words as they were given, the program's name first.
  let arguments: [String]
  private(set) var command = Command.other
  private(set) var isVerbose = false
  /// Whether ssh runs this from the ProxyCommand of a session's block, or of what we have told it of one.
  private(set) var hasReadSession = false
  /// The options before the command that say where the files are.
  private(set) var globalOptions: [String] = []
  /// Whether ssh runs this from the lines that `setup` wrote: then `prepare` has run before.
  var isManaged: Bool { path(given: .home) != nil }
  /// Whether that `prepare` was ssh's own: none runs before a block that `resolve` has printed, which passes no socket.
  var followsPrepare: Bool {
    guard case .connect(_, let passesDescriptor, _, _) = command else { return isManaged }
    return isManaged && (passesDescriptor || !hasReadSession)
  }
  /// Few, and each ssh waits for them: no dictionary, which would have to be hashed.
  private var locations: [(option: LocationOption, path: String)] = []

  private func path(given option: LocationOption) -> String? {
    locations.last { $0.option == option }?.path
  }

  init(_ arguments: [String]) {
    self.arguments = arguments
    var words = arguments.dropFirst()
    guard takeGlobalOptions(&words), let first = words.popFirst() else { return }
    switch first {
    case "--version": if words.isEmpty { command = .version }
    case "prepare": command = Self.prepare(words)
    case "connect": command = connect(words, isBare: false)
    default:
      if !CommandName.all.contains(first), !first.hasPrefix("-") {
        command = connect([first] + words, isBare: true)
      }
    }
  }

  /// The state directory; `nil` when only the password file knows the user's home.
  var statePath: String? {
    OwnDirectory.state.path(
      given: path(given: .state), home: path(given: .home), Environment.value)
  }

  private var configurationPath: String? {
    OwnDirectory.configuration.path(
      given: path(given: .config), home: path(given: .home), Environment.value)
  }

  /// Whether the user has edited the configuration since the session was made: the alias may now
  /// mean another machine.
  func isOutdated(
    _ record: SessionRecord, of alias: String, in state: borrowing StateDirectory
  ) -> Bool {
    guard let configurationPath else { return false }
    return state.isOlder(
      record, of: alias, than: "\(configurationPath)/\(OwnDirectory.configurationFileName)")
  }

  /// The opened state directory; `nil` when there is none, or when it is not this user's, or not this user's
  /// alone: `sshproxy-session` says whose it is, and what to do.
  /// - Throws: `.inputOutput` when it cannot be opened: it may have a session all the same.
  func openState() throws(Failure) -> StateDirectory? {
    guard let statePath else { return nil }
    do throws(Failure) {
      return try StateDirectory(opening: statePath)
    } catch {
      guard [ENOENT, EPERM, EACCES].contains(error.number) else { throw error }
      return nil
    }
  }

  /// Takes the options before the command: `--home DIR`, `--state DIR`, `--config DIR`, `-v`.
  /// - Returns: `false` when there is one that only `sshproxy-session` understands.
  private mutating func takeGlobalOptions(_ words: inout ArraySlice<String>) -> Bool {
    while let word = words.first, word.hasPrefix("-") {
      if let option = LocationOption(word: word) {
        guard let value = words.dropFirst().first, value.hasPrefix("/") else { return false }
        locations.append((option, value))
        globalOptions += [word, value]
        words.removeFirst()
      } else if word == "-v" {
        isVerbose = true
      } else {
        return word == "--version"
      }
      words.removeFirst()
    }
    return true
  }

  private static func prepare(_ words: ArraySlice<String>) -> Command {
    guard words.count == 1, let spelling = words.first, !spelling.hasPrefix("-") else {
      return .other
    }
    return Alias(reading: spelling).map { .prepare(alias: $0.name) }
      ?? .malformedAlias(spelling, isReported: false)
  }

  /// `[--fdpass] [-v] [--prepared | --only-to HOST:PORT | --only-behind HOST:PORT] ALIAS [PORT]`; the port is
  /// ssh's `%p` and is ignored.
  private mutating func connect(_ words: ArraySlice<String>, isBare: Bool) -> Command {
    var words = words
    var passesDescriptor = false
    var identity: String?
    while let word = words.first, word.hasPrefix("-"), !isBare {
      let option = ConnectOption(word: word)
      switch option {
      case .fdpass: passesDescriptor = true
      case .prepared: hasReadSession = true
      case .onlyTo, .onlyBehind:
        guard identity == nil,
          let place = words.dropFirst().first.flatMap({ HostAndPort(reading: $0) })
        else { return .other }
        identity = SessionRecord.endpointIdentity(
          option == .onlyTo ? .direct : .indirect, place)
        hasReadSession = true
        words.removeFirst()
      case nil where word == "-v": isVerbose = true
      case nil: return .other
      }
      words.removeFirst()
    }
    guard let spelling = words.popFirst(), words.count <= 1,
      words.allSatisfy({ UInt16($0) != nil })
    else { return .other }
    guard let alias = Alias(reading: spelling)?.name else {
      return .malformedAlias(spelling, isReported: isManaged)
    }
    return .connect(
      alias: alias, passesDescriptor: passesDescriptor, isBare: isBare, identity: identity)
  }
}
