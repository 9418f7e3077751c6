import SystemIO

extension StateDirectory {
  /// Whether the user has edited a file since a session was stored, or was last confirmed.
  /// - Parameter file: an absolute path. One that is missing was not edited; a time that is yet to
  ///   come says nothing.
  public func isOlder(_ record: SessionRecord, of alias: String, than file: String) -> Bool {
    var edited = stat()
    var stored = stat()
    guard stat(file, &edited) == 0,
      fstatat(directory.descriptor.number, recordPath(record.name, alias), &stored, 0) == 0
    else { return false }
    return stored.lastWrite < edited.lastWrite
      && edited.lastWrite / 1_000_000 <= WallClock.milliseconds
  }

  /// Notes that a session is what the user's files ask for now.
  public func confirm(_ record: SessionRecord, of alias: String) {
    utimensat(directory.descriptor.number, recordPath(record.name, alias), nil, 0)
  }
}

extension stat {
  /// Unix nanoseconds.
  fileprivate var lastWrite: Int64 {
    #if os(Linux)
      let time = st_mtim
    #else
      let time = st_mtimespec
    #endif
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
