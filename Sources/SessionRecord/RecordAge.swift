import SystemIO

extension StateDirectory {
  /// Whether the user has edited a file since a session was stored or last confirmed.
  /// - Parameter file: an absolute path. `false` when it is missing or its time is in the future.
  public func isOlder(_ record: SessionRecord, of alias: String, than file: String) -> Bool {
    var edited = stat()
    var stored = stat()
    guard stat(file, &edited) == 0,
      fstatat(directory.descriptor.number, recordPath(record.name, alias), &stored, 0) == 0
    else { return false }
    return stored.lastWrite < edited.lastWrite
      && edited.lastWrite / 1_000_000 <= WallClock.milliseconds
  }

  /// Marks a session as matching the user's files as they are now.
  public func confirm(_ record: SessionRecord, of alias: String) {
    utimensat(directory.descriptor.number, recordPath(record.name, alias), nil, 0)
  }
}
