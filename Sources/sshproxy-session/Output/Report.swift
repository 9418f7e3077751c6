import ArgumentParser
import Configuration
import SSHSetup
import SessionRecord
import SystemIO

/// Everything that people read about a failure: one `sshproxy: error: …` line and one
/// `sshproxy: hint: …`, on standard error, in lower case and without a full stop.
enum Report {
  /// Says what went wrong.
  /// - Returns: the exit status.
  static func of(_ error: any Error) -> Int32 {
    switch error {
    case let failure as Failure: return say(failure)
    case let code as ExitCode: return code.rawValue
    default: return parsing(error)
    }
  }

  private static func say(_ failure: Failure) -> Int32 {
    failure.lines(advice: Ownership.advice(on: failure)).forEach(line)
    return failure.status
  }

  /// Help and version go to standard output; what ArgumentParser does not understand is a usage
  /// error.
  private static func parsing(_ error: any Error) -> Int32 {
    guard Root.exitCode(for: error) != .success else {
      print(Root.fullMessage(for: error))
      return ExitStatus.done.rawValue
    }
    let message = Root.message(for: error)
    let text = message.split(separator: "\n").first.map(String.init) ?? "the command line is wrong"
    line("error: " + text.prefix(1).lowercased() + trimmed(text.dropFirst()))
    line("hint: `sshproxy help` shows the commands, `sshproxy help COMMAND` one of them")
    return ExitStatus.usage.rawValue
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.hasSuffix(".") ? text.dropLast() : text).sanitized(limit: 300)
  }

  /// Says with which of the user's accounts a vendor is asked, where it is not the usual one.
  static func scope(
    of kind: ProviderKind, _ configuration: Configuration, _ liveLine: LiveLine? = nil
  ) throws(Failure) {
    guard let scope = try configuration.scope(of: kind), !scope.isUsual else { return }
    liveLine?.clear()
    line("note: \(kind.rawValue): \(scope.text)")
  }

  /// One line on standard error; on a terminal that is too narrow for it, several.
  static func line(_ text: String) { write(WrappedText.message(text, on: STDERR_FILENO) + "\n") }

  static func write(_ text: String) { SystemTransfer.write(STDERR_FILENO, text) }
}

/// Who owns the files that we use. Where the system refuses one, its owner is named, which the system's own
/// words do not do.
enum Ownership {
  // The main thread writes it, for each context, and no thread runs then that reads it.
  nonisolated(unsafe) static var files: FileLocations?

  /// What a person can do about a failure.
  static func advice(on failure: Failure) -> String {
    guard [EACCES, EPERM].contains(failure.number), let files else { return failure.advice }
    // A configuration that is root's may be meant so, and is no reason for what happens elsewhere.
    let foreign =
      failure.kind == .configuration ? inConfiguration(files) ?? inState(files) : inState(files)
    return foreign.map { "\($0.clause); \($0.remedy)" } ?? failure.advice
  }

  /// The first file or directory in the state directory that belongs to another user.
  static func inState(_ files: FileLocations) -> ForeignFile? {
    let generated = [StateDirectory.configurationName, StateDirectory.hostsName]
      .map { "\(files.stateDirectory)/\($0)" }
    let sessions = below("\(files.stateDirectory)/\(StateDirectory.sessionsName)", depth: 3)
    return (generated + sessions).lazy.compactMap { ForeignFile(leadingTo: $0) }.first
  }

  private static func inConfiguration(_ files: FileLocations) -> ForeignFile? {
    let ours = [files.credentialsFile, files.configurationFile]
    return (ours + SSHSetup.usualFiles(in: files.home)).lazy
      .compactMap { ForeignFile(leadingTo: $0) }.first
  }

  /// A directory and what is in it, as far as it is ours.
  private static func below(_ path: String, depth: Int) -> [String] {
    guard depth > 0, let names = try? PrivateDirectory(opening: path).names() else { return [path] }
    return [path] + names.flatMap { below("\(path)/\($0)", depth: depth - 1) }
  }
}
