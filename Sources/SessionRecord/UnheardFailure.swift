public import SystemIO

/// The last failure of a `connect` that nobody saw. ssh gives its ProxyCommand /dev/null for standard error
/// where connections are shared (ControlPersist), and there may be no terminal either. The next `prepare`
/// says it, `check` shows it, and a login ends it.
extension StateDirectory {
  /// Its file in the alias's folder, until it has been said and afterwards.
  static let unheardName = "unheard"
  static let heardName = "heard"
  public static let failureNames = [unheardName, heardName]
  /// How long it is worth telling, in milliseconds.
  private static let interest: Int64 = 86_400_000
  /// The longest text that is kept, in characters.
  private static let textLimit = 600

  /// Whether there is one that has not been said yet.
  public func hasUnheardFailure(of alias: String) -> Bool {
    directory.contains(failurePath(Self.unheardName, alias))
  }

  /// Keeps it; that it cannot be kept is ignored.
  public func keepUnheard(_ failure: Failure, of alias: String) {
    guard failure.kind != .cancelled, !failure.isReported,
      let folder = try? PrivateDirectory(
        opening: "\(Self.sessionsName)/\(alias)", in: directory.descriptor.number)
    else { return }
    let last = LastFailure(
      status: failure.status, time: WallClock.milliseconds,
      messages: [failure.text, failure.advice].map { $0.sanitized(limit: Self.textLimit) })
    try? PrivateFile.write(last.fileText, to: Self.unheardName, in: folder.descriptor)
    // A login on a session that has answered would not look for it.
    folder.remove("\(Self.currentName)/\(Self.answeredName)")
  }

  /// The last failure that nobody saw, said meanwhile or not: what happened, and what to do about it.
  public func unheardFailure(of alias: String) -> LastFailure? {
    for name in Self.failureNames {
      guard
        let bytes = try? PrivateFile.read(
          failurePath(name, alias), in: directory.descriptor.number, limit: 8192),
        let failure = LastFailure(fileBytes: bytes), failure.messages.count == 2,
        (0..<Self.interest).contains(
          WallClock.milliseconds.saturatingSubtracting(failure.time))
      else { continue }
      return failure
    }
    return nil
  }

  /// Takes the failure to say it.
  /// - Returns: `nil` where there is none, or another process says it.
  public func takeUnheardFailure(of alias: String) -> LastFailure? {
    let failure = unheardFailure(of: alias)
    let isOurs = directory.rename(
      failurePath(Self.unheardName, alias), to: failurePath(Self.heardName, alias))
    return isOurs ? failure : nil
  }

  /// Forgets it, said or not.
  public func forgetFailure(of alias: String) {
    for name in Self.failureNames {
      directory.remove(failurePath(name, alias))
    }
  }

  private func failurePath(_ name: String, _ alias: String) -> String {
    "\(Self.sessionsName)/\(alias)/\(name)"
  }
}
