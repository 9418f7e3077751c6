import Configuration
import SessionRecord
import SystemIO

/// Who owns the files that we use. Where the system refuses one, its owner is named, which the system's own
/// words do not do.
enum Ownership {
  // Written once, while there is one thread.
  nonisolated(unsafe) static var files: FileLocations?

  /// What a person can do about a failure.
  static func advice(on failure: Failure) -> String {
    guard [EACCES, EPERM].contains(failure.number), let files else { return failure.advice }
    // A configuration that is root's may be meant so, and is no reason for what happens elsewhere.
    let foreign =
      failure.kind == .configuration ? inConfiguration(files) ?? inState(files) : inState(files)
    return foreign.map { "\($0.clause); \($0.remedy)" } ?? failure.advice
  }

  /// The first of a file of the state directory's that belongs to another user, or a directory there.
  static func inState(_ files: FileLocations) -> ForeignFile? {
    let generated = [StateDirectory.configurationName, StateDirectory.hostsName]
      .map { "\(files.stateDirectory)/\($0)" }
    let sessions = below("\(files.stateDirectory)/\(StateDirectory.sessionsName)", depth: 3)
    return (generated + sessions).lazy.compactMap { ForeignFile(leadingTo: $0) }.first
  }

  private static func inConfiguration(_ files: FileLocations) -> ForeignFile? {
    let ssh = ["config", "sshproxy.conf", "sshproxy-match.conf"].map { "\(files.home)/.ssh/\($0)" }
    return ([files.credentialsFile, files.configurationFile] + ssh).lazy
      .compactMap { ForeignFile(leadingTo: $0) }.first
  }

  /// A directory and what is in it, as far as it is ours.
  private static func below(_ path: String, depth: Int) -> [String] {
    guard depth > 0, let names = try? PrivateDirectory(opening: path).names() else { return [path] }
    return [path] + names.flatMap { below("\(path)/\($0)", depth: depth - 1) }
  }
}
