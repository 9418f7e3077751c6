import Foundation
public import SystemIO

/// A program that a test has started, in a process group of its own.
///
/// Its output goes into files rather than pipes: nobody waits for a descendant that lives on (`ssh -f`),
/// and programs started by other tests cannot hold an end of a pipe open. It is killed with its owner.
public final class RunningProgram {
  public let identifier: pid_t
  private let folder: TemporaryDirectory
  private let start = Moment.now
  private var status: Int32?

  /// Where standard input comes from.
  public enum Input {
    case nothing
    case file(String)
    /// A descriptor of the test's, which stays the test's.
    case descriptor(Int32)
  }

  /// - Parameters:
  ///   - path: the program's file.
  ///   - words: its arguments, without its name.
  ///   - output: a descriptor of the test's for standard output, instead of the file.
  public init(
    _ path: String, _ words: [String] = [], environment: [String: String],
    input: Input = .nothing, output: Int32? = nil
  ) throws {
    folder = try TemporaryDirectory("program")
    let flags = O_WRONLY | O_CREAT
    let standardOutput = try Descriptor.open(folder.path(of: "stdout"), flags: flags)
    let standardError = try Descriptor.open(folder.path(of: "stderr"), flags: flags)
    var source: Descriptor?
    switch input {
    case .nothing: source = try Descriptor.open("/dev/null", flags: O_RDONLY)
    case .file(let file): source = try Descriptor.open(file, flags: O_RDONLY)
    case .descriptor: source = nil
    }
    var number = source?.number ?? -1
    if case .descriptor(let given) = input { number = given }
    let variables = Sanitizers.environment.merging(environment) { $1 }
    identifier = try spawnInOwnGroup(
      path, [path] + words, variables.map { "\($0.key)=\($0.value)" },
      (number, output ?? standardOutput.number, standardError.number))
  }

  deinit {
    if status == nil {
      kill(-identifier, SIGKILL)
      _ = wait(within: timeout)
    }
  }

  /// What has been printed on standard output so far.
  public var output: String { folder.read("stdout") ?? "" }
  /// What has been printed on standard error so far.
  public var errors: String { folder.read("stderr") ?? "" }
  public var isRunning: Bool { !poll() }

  public func signal(_ number: Int32) { kill(identifier, number) }

  /// Waits for the end; a program that takes longer is killed with its process group.
  public func end(within seconds: Double = timeout) -> ProgramEnd {
    let isOver = wait(within: seconds)
    let duration = Double(Moment.now - start) / 1000
    if !isOver {
      kill(-identifier, SIGKILL)
      _ = wait(within: timeout)
    }
    return ProgramEnd(
      status: isOver ? status ?? -1 : -1, output: output, errors: errors, seconds: duration)
  }

  private func wait(within seconds: Double) -> Bool { eventually(within: seconds) { poll() } }

  /// Whether it has ended.
  private func poll() -> Bool {
    if status != nil { return true }
    var result: Int32 = 0
    guard retryingInterrupts({ waitpid(identifier, &result, WNOHANG) }) == identifier else {
      return false
    }
    status = csystem_exit_status(result)
    return true
  }
}

/// How a program ended, and what it printed.
public struct ProgramEnd: Sendable, CustomStringConvertible {
  /// The exit status; 128 + n for a signal, -1 when it did not end in time.
  public var status: Int32
  public let output: String
  public let errors: String
  /// From its start to its end, unless a test says from when.
  public var seconds: Double

  /// The lines on standard error that begin so.
  public func errorLines(_ start: String) -> [String] {
    errors.split(whereSeparator: \.isNewline).map(String.init).filter { $0.hasPrefix(start) }
  }

  public var description: String {
    "status \(status) after \(seconds) s\nstdout: \(output.prefix(2000))\nstderr: \(errors.prefix(4000))"
  }
}

private func spawnInOwnGroup(
  _ path: String, _ arguments: [String], _ environment: [String],
  _ streams: (input: Int32, output: Int32, error: Int32)
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, streams.input, 0)
  posix_spawn_file_actions_adddup2(&actions, streams.output, 1)
  posix_spawn_file_actions_adddup2(&actions, streams.error, 2)
  // Descriptors that a parallel test has just opened and not yet made close-on-exec are closed too.
  // Closing one that is not open does no harm (posix_spawn_file_actions_addclose(3)).
  for number in 3..<512 { posix_spawn_file_actions_addclose(&actions, Int32(number)) }
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var defaults = sigset_t()
  sigemptyset(&defaults)
  // A shell that has put the tests into the background has them ignore SIGINT, nohup(1) SIGHUP.
  for number in [SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGTERM] { sigaddset(&defaults, number) }
  posix_spawnattr_setsigdefault(&attributes, &defaults)
  posix_spawnattr_setpgroup(&attributes, 0)
  // The threads of the tests may block signals.
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(
    &attributes,
    Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
  var words = arguments.map { strdup($0) }
  words.append(nil)
  var variables = environment.map { strdup($0) }
  variables.append(nil)
  defer { for text in words + variables { free(text) } }
  var identifier: pid_t = 0
  let result = posix_spawn(&identifier, path, &actions, &attributes, words, variables)
  guard result == 0 else { throw Failure("start \(path)", number: result) }
  return identifier
}
