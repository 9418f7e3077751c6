import SessionRecord
import SystemIO

/// `sshproxy-session`, the program that knows the configuration, the keys and the providers.
enum Helper {
  private static let name = "sshproxy-session"

  /// Replaces this process by `sshproxy-session` with the same arguments, as git does with its
  /// commands.
  /// - Returns: only on failure, with the reason.
  static func replaceThisProcess(_ invocation: Invocation) -> Failure {
    do throws(Failure) {
      let path = try find()
      let arguments = [path] + invocation.arguments.dropFirst()
      throw failure(
        replaceProcess(path: path, arguments: arguments, environment: environment), path)
    } catch {
      return error
    }
  }

  /// Starts a run that nobody waits for. That it cannot be started is none of ssh's business.
  /// - Parameter words: the command; the options that say where the files are are added.
  static func release(_ words: [String], for invocation: Invocation) {
    guard let path = try? find() else { return }
    try? Child.release(
      path: path, arguments: [path] + invocation.globalOptions + words, environment: environment)
  }

  /// A run of `sshproxy-session` that we wait for. A pipe ties the two processes together: its
  /// standard input reports a hang-up when we end, and our end of the pipe an error when it ends.
  final class Run {
    /// How long the run may go on once nobody waits for it, in milliseconds: it has to end the
    /// programs that it has started.
    private static let grace = 600

    private var child: Child?
    private var lifeline: Descriptor?
    private let lifelineNumber: Int32
    /// What poll(2) has to wait for: POLLERR means that the run has ended.
    var awaited: pollfd { .hangUp(lifelineNumber) }

    /// - Parameter words: the command; the options that say where the files are are added.
    /// - Throws: `.internalError` when it is not installed, `.inputOutput` when it does not start.
    init(_ words: [String], for invocation: Invocation) throws(Failure) {
      let path = try Helper.find()
      do throws(Failure) {
        let pipe = try Pipe()
        child = try Child(
          path: path,
          arguments: [path] + invocation.globalOptions + (invocation.isVerbose ? ["-v"] : [])
            + words,
          environment: Helper.environment,
          streams: .init(input: pipe.reading.number, error: Terminal.failures))
        let end = pipe.intoWriting()
        lifelineNumber = end.number
        lifeline = consume end
      } catch {
        throw Helper.failure(error, path)
      }
    }

    deinit {
      // Closing the pipe first lets the run end by itself, and end what it has started.
      lifeline = nil
      child.take()?.end(within: Self.grace)
    }

    /// The run's exit status, once `awaited` is ready.
    func status() -> Int32 { child.take()?.wait() ?? ExitStatus.internalError.rawValue }
  }

  /// The file is there, so what "no such file" is said of is its loader: that of the GNU C library.
  private static func failure(_ error: Failure, _ path: String) -> Failure {
    guard error.number == ENOENT, FilePath.isExecutable(path) else { return error }
    return Failure(
      .internalError,
      "\(path.sanitized()) cannot be loaded: this system has no GNU C library for it",
      hint: "\(name) runs on glibc alone, not on musl (Alpine): use another image")
  }

  /// The path of `sshproxy-session`: beside this program, or in `../libexec/sshproxy/`; or as a wheel has
  /// them, where an installer has only made links to its files (uv with UV_LINK_MODE=symlink).
  private static func find() throws(Failure) -> String {
    guard let own = OwnProcess.program, let slash = own.lastIndex(of: "/") else {
      throw Failure(
        .internalError, "/proc/self/exe cannot be read, so \(name) cannot be found",
        hint: "mount /proc")
    }
    let folder = own[..<slash]
    for place in ["", "../libexec/sshproxy/", "../data/libexec/sshproxy/"] {
      let path = "\(folder)/\(place)\(name)"
      if FilePath.isExecutable(path) { return path }
    }
    throw Failure(
      .internalError, "\(name) is neither beside sshproxy nor in ../libexec/sshproxy",
      hint: "install sshproxy again as a whole")
  }

  /// Our environment, our version, which the helper compares with its own, and the path by which `setup`'s lines
  /// call us.
  private static var environment: [String] {
    let called = CommandLine.arguments.first.flatMap { $0.hasPrefix("/") ? $0 : nil }
    return inheritedEnvironment.filter { entry in
      ![versionVariable, programVariable].contains { entry.hasPrefix($0 + "=") }
    } + ["\(versionVariable)=\(version)"] + (called.map { ["\(programVariable)=\($0)"] } ?? [])
  }
}
