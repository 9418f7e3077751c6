extension stat {
  /// When the file's content was last written; Unix nanoseconds.
  public var lastWrite: Int64 {
    #if os(Linux)
      st_mtim.nanoseconds
    #else
      st_mtimespec.nanoseconds
    #endif
  }

  /// When the file's content, mode or owner last changed; Unix nanoseconds.
  public var lastChange: Int64 {
    #if os(Linux)
      st_ctim.nanoseconds
    #else
      st_ctimespec.nanoseconds
    #endif
  }
}

extension timespec {
  /// A file may be dated after 2262, where these end.
  fileprivate var nanoseconds: Int64 {
    Int64(tv_sec).saturatingMultiplied(by: 1_000_000_000).saturatingAdding(Int64(tv_nsec))
  }
}
