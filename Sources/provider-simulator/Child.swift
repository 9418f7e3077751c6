import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Starts programs with a clean signal set, and reaps them.
final class Children: Sendable {
  private let running = Mutex<Set<pid_t>>([])

  /// Starts `arguments[0]` with descriptors 0, 1 and 2 as given (`nil`: `/dev/null`).
  /// - Throws: `Misuse` when the program cannot be started.
  private static func spawn(
    _ arguments: [String], environment: [String], input: Int32?, output: Int32?
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in [(Int32(0), input), (1, output), (2, nil)] {
      if let descriptor {
        posix_spawn_file_actions_adddup2(&actions, descriptor, number)
      } else {
        posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
      }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var standard = sigset_t()
    sigemptyset(&standard)
    sigaddset(&standard, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &standard)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var words = arguments.map { strdup($0) }
    var variables = environment.map { strdup($0) }
    words.append(nil)
    variables.append(nil)
    defer {
      for copy in words + variables { free(copy) }
    }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, arguments[0], &actions, &attributes, words, variables)
    guard status == 0 else {
      throw Misuse("cannot start \(arguments[0]): \(String(cString: strerror(status)))")
    }
    return pid
  }

  /// Starts a server on a connection; `reap` notices its end.
  func serve(_ connection: Int32, by arguments: [String], environment: [String]) throws {
    try running.withLock { running in
      let pid = try Self.spawn(
        arguments, environment: environment, input: connection, output: connection)
      running.insert(pid)
    }
  }

  /// Runs programs beside one another until all have ended.
  /// - Throws: `Misuse` when one cannot be started or fails.
  static func run(_ commands: [[String]]) throws {
    let environment = ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"]
    let pids = try commands.map {
      try spawn($0, environment: environment, input: nil, output: nil)
    }
    var failed: String?
    for (pid, command) in zip(pids, commands) {
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
      if status != 0 { failed = command.joined(separator: " ") }
    }
    if let failed { throw Misuse("failed: \(failed)") }
  }

  /// Takes the exit statuses of the servers that have ended.
  func reap() {
    running.withLock { running in
      running = running.filter { waitpid($0, nil, WNOHANG) == 0 }
    }
  }

  /// How many servers run.
  var count: Int { running.withLock { $0.count } }

  /// Ends the servers and all that came of them: what they started, and what was left behind by
  /// their logins, known by `home` in its environment.
  func endAll(home: String) {
    let ours = running.withLock { $0 }
    for pid in ProcessTable.descendants(of: ours).union(ProcessTable.processes(atHome: home)) {
      kill(pid, SIGKILL)
    }
    for pid in ours { waitpid(pid, nil, 0) }
  }
}
