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
  fileprivate var nanoseconds: Int64 { Int64(tv_sec) &* 1_000_000_000 &+ Int64(tv_nsec) }
}
