import OpenSSH
import Providers
import SessionRecord
import Sessions
import SystemIO

/// What the commands share: where files are, what the user configured, who waits.
struct Context {
  let files: FileLocations
  let environment: [String: String]
  let caller: Caller
  let liveLine: LiveLine
  let isVerbose: Bool
  /// The calls to providers so far.
  let calls = CallLog()
  private let start = Moment.now

  /// - Parameter leash: whether standard input is the pipe of a process that waits for us.
  init(
    _ places: Places, waitingFor text: String = "working", leash: Bool = false,
    showsProgress: Bool = true
  ) throws(Failure) {
    environment = Self.readEnvironment()
    isVerbose = places.verbose
    files = try FileLocations(
      home: places.home, config: places.config, state: places.state, environment: environment,
      passwordFileHome: Self.passwordFileHome)
    let line = LiveLine(
      text, isOn: showsProgress && isatty(STDERR_FILENO) == 1, write: Report.write)
    liveLine = line
    var caller = Caller(output: STDOUT_FILENO, leash: leash ? STDIN_FILENO : -1)
    caller.onWaiting = line.tick
    self.caller = caller
  }

  /// The options that lead another of our programs to the same files.
  var placeWords: [String] {
    [
      "--home", files.home, "--config", files.configurationDirectory, "--state",
      files.stateDirectory,
    ]
  }

  func configuration() throws(Failure) -> Configuration {
    try Configuration.load(files, environment: environment)
  }

  func providers(_ configuration: Configuration) -> ProviderFactory {
    let factory = ProviderFactory(
      configuration: configuration, environment: environment, caller: caller,
      announce: liveLine.change)
    factory.watchCalls { [calls, self] step, time in
      calls.add(step, time)
      trace("\(step): \(time) ms")
    }
    return factory
  }

  func trace(_ step: @autoclosure () -> String) {
    if isVerbose { Report.line("\(Moment.now - start) ms: \(step())") }
  }

  /// The alias's session, stored or new.
  /// - Parameter keyType: `nil` for the one that the route asks for.
  func prepare(_ alias: Alias, keyType: KeyType? = nil) throws(Failure) -> StoredSession {
    defer { liveLine.clear() }
    let begin = WallClock.milliseconds
    let store = try SessionStore(path: files.stateDirectory)
    do throws(Failure) {
      let configuration = try configuration()
      let target = try configuration.target(for: alias)
      let broker = Broker(
        target: target, provider: LazyProvider(providers(configuration), target),
        configurationFile: files.configurationFile,
        deadline: configuration.connection.deadline, caller: caller)
      let stored = try broker.prepare(store, keyType: keyType ?? target.keyType)
      trace("session \(stored.record.name) at \(stored.record.endpoint)")
      return stored
    } catch {
      // What failed before the broker is remembered too: ssh runs `connect` all the same.
      if error.kind != .cancelled,
        (store.state.lastFailure(of: alias.name)?.time ?? 0) < begin,
        let lock = try? AliasLock(alias.name, in: store, until: Moment.now, caller: caller)
      {
        lock.remember(error)
      }
      throw error
    }
  }

  /// The home directory of the password file, which is what ssh itself goes by.
  static var passwordFileHome: String? {
    getpwuid(getuid())?.pointee.pw_dir.map { String(cString: $0) }
  }

  static func readEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    for entry in inheritedEnvironment {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
    }
    return result
  }
}

/// A provider that is made, and its key read, when it is first asked: a session that is stored
/// needs neither.
struct LazyProvider: SessionProvider {
  private let factory: ProviderFactory
  private let target: Target

  init(_ factory: ProviderFactory, _ target: Target) {
    self.factory = factory
    self.target = target
  }

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    try factory.provider(for: target).open(for: key, until: deadline)
  }

  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    try factory.provider(for: target).isAlive(session, until: deadline)
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    try factory.provider(for: target).close(session, until: deadline)
  }
}

/// Runs what concerns one alias, so that a failure names it.
func about<Result>(_ alias: Alias, _ body: () throws(Failure) -> Result) throws -> Result {
  do throws(Failure) {
    return try body()
  } catch {
    throw AliasFailure(alias: alias.spelling, failure: error)
  }
}
