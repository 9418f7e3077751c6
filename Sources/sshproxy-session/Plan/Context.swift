import Configuration
import Providers
import SSHSetup
import Sessions
import SystemIO

/// What the commands share: where the files are, what the user configured, and who waits for us.
struct Context {
  let files: FileLocations
  let environment: [String: String]
  let caller: HangUpMonitor
  let liveLine: LiveLine
  /// What `-v` shows.
  let trace: Trace
  /// Whether no program is run after the talk with a provider, so that it can be confined.
  private let confinesTalks: Bool
  /// Whether a provider that cannot be reached is to be told within seconds, instead of at the deadline.
  private let tellsSoon: Bool
  /// With `tellsSoon`: whether a slow lookup is waited for all the same, to tell how long it takes.
  private let timesLookups: Bool
  /// With `tellsSoon`: how long a provider is tried, and how long its name is looked up, in milliseconds.
  private static let (reach, lookup) = (8500, 9500)
  private let keys: ProviderFactory.KeyRing
  /// The calls made to providers so far.
  let calls = CallLog()
  private let opened = OpenedStore()
  private let start = Moment.now

  private final class OpenedStore {
    var store: SessionStore?
  }

  /// - Parameters:
  ///   - waiter: who waits for us.
  ///   - confinesTalks, tellsSoon, timesLookups: see the properties.
  ///   - earlier: that of another step of the same command: no key is got twice.
  init(
    _ globalOptions: GlobalOptions, waitingFor text: String = "working", waiter: Waiter = .reader,
    showsProgress: Bool = true, confinesTalks: Bool = false, tellsSoon: Bool = false,
    timesLookups: Bool = false, after earlier: Context? = nil
  ) throws(Failure) {
    keys = earlier?.keys ?? ProviderFactory.KeyRing()
    self.confinesTalks = confinesTalks
    self.tellsSoon = tellsSoon
    self.timesLookups = timesLookups
    environment = Environment.variables
    trace = Trace(isOn: globalOptions.verbose, say: Report.line)
    files = try FileLocations(
      home: globalOptions.home, config: globalOptions.config, state: globalOptions.state,
      environment: environment, passwordFileHome: User.home)
    Ownership.files = files
    let line = LiveLine(
      text, width: showsProgress ? TerminalWidth.of(STDERR_FILENO) : nil, write: Report.write)
    liveLine = line
    var caller = waiter.monitor
    caller.onWaiting = line.tick
    self.caller = caller
  }

  /// The sessions on this machine. Opened when first asked for: an ephemeral session makes nothing here.
  func store() throws(Failure) -> SessionStore {
    if let store = opened.store { return store }
    let store = try SessionStore(path: files.stateDirectory)
    opened.store = store
    return store
  }

  /// The same to look into: `nil` where there is no state directory, because a look makes none, and where it
  /// cannot be used.
  func existingStore() -> SessionStore? {
    FileStatus(of: files.stateDirectory) == nil ? nil : try? store()
  }

  /// The options with which the other program finds the same files.
  /// - Parameter withHome: whether the home is named too: that program finds $HOME by itself.
  func locationOptions(withHome: Bool = true) -> [String] {
    (withHome ? [LocationOption.home.word, files.home] : []) + [
      LocationOption.config.word, files.configurationDirectory,
      LocationOption.state.word, files.stateDirectory,
    ]
  }

  func configuration() throws(Failure) -> Configuration {
    try Configuration.load(files, environment: environment, vendors: Installed.facts)
  }

  func providers(_ configuration: Configuration) -> ProviderFactory {
    let factory = ProviderFactory(
      vendors: Installed.vendors, configuration: configuration, environment: environment,
      caller: caller, keys: keys, announce: liveLine.change)
    if confinesTalks { factory.confineTalks(writing: [files.stateDirectory]) }
    if tellsSoon {
      factory.tellSoon(
        reach: start + Self.reach,
        lookups: start + Int.milliseconds(seconds: configuration.connection.deadline),
        lookupsEnd: timesLookups ? nil : start + Self.lookup)
    }
    factory.watchCalls { [calls, self] call in
      calls.add(call)
      trace("\(call.step): \(call.time) ms")
    }
    return factory
  }

  /// One for a thread of its own: see `ProviderFactory.beside`.
  func providers(beside other: ProviderFactory) -> ProviderFactory {
    let factory = other.beside()
    factory.watchCalls { [self] call in trace("\(call.step): \(call.time) ms") }
    return factory
  }

  /// What `setup` has written, or would write.
  /// - Parameters:
  ///   - kind: a vendor for whose account there counts as being a key.
  ///   - fdpass: whether the socket is passed to ssh.
  func setup(
    _ configuration: Configuration, configFile: String?, withKeyFor kind: ProviderKind? = nil,
    fdpass: Bool = true
  ) throws(Failure) -> SSHSetup {
    SSHSetup(
      program: try InstalledPrograms.sshproxy(), files: files,
      patterns: configuration.aliasPatterns(withKeyFor: kind), fdpass: fdpass,
      listsMachines: configuration.connection.listsMachines, configFile: configFile,
      sshHome: User.home)
  }

  /// The configuration that ssh reads, where it is in another home than ours: for `~`, ssh uses the
  /// password file's, we use $HOME.
  var foreignConfigFile: String? {
    User.home.flatMap { $0 == files.home ? nil : SSHSetup.usualFile(in: $0) }
  }
}

/// Who waits for a command, besides the process that started it.
enum Waiter {
  /// Whoever reads its output.
  case reader
  /// The same, and who holds the other end of standard input.
  case lifeline
  /// Nobody else, as with ssh: the reader of a command's output may leave before there is any. Once it runs, that
  /// reader goes on waiting where the process has ended.
  /// - Parameter interruption: reports a hang-up when a signal comes; -1 for none.
  case parent(interruption: Int32 = -1)
  /// Not even that process.
  case nobody

  fileprivate var monitor: HangUpMonitor {
    switch self {
    case .reader: HangUpMonitor(output: STDOUT_FILENO)
    case .lifeline: HangUpMonitor(output: STDOUT_FILENO, lifeline: STDIN_FILENO)
    case .parent(let interruption):
      HangUpMonitor(parentOrReaderOf: STDOUT_FILENO, lifeline: interruption)
    case .nobody: .nobody
    }
  }
}

/// Runs `body` so that its failure is reported with the alias.
func about<Result>(_ alias: Alias, _ body: () throws(Failure) -> Result) throws -> Result {
  do throws(Failure) {
    return try body()
  } catch {
    throw error.about(alias.spelling)
  }
}

/// The calls to providers that a command has made and that were answered, with their times.
final class CallLog {
  struct Entry {
    let step: String
    var milliseconds: Int
  }

  private(set) var entries: [Entry] = []

  /// Calls of one kind in a row, like the polls for a machine that wakes, become one entry.
  func add(_ call: FinishedCall) {
    guard call.isDone else { return }
    if entries.last?.step == call.step {
      entries[entries.count - 1].milliseconds += call.time
    } else {
      entries.append(Entry(step: call.step, milliseconds: call.time))
    }
  }

  func clear() { entries = [] }
}
