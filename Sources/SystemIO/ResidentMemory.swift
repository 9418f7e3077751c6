/// The memory that this process occupies.
public enum ResidentMemory {
  /// Gives back what only the start-up has used: pages with code and constants, of this program and
  /// its libraries, and freed memory. For a program that is about to do one thing for hours. Pages
  /// that are needed again are loaded by the kernel, usually from its cache.
  public static func releaseStartUp() {
    #if os(Linux) && !PORTABLE
      csystem_release_code()
    #endif
  }
}

/// A bound on the memory that this process may still take.
public enum MemoryLimit {
  /// In bytes, with libraries' data and stacks.
  public static let bytes = 256 << 20

  /// From now on an allocation beyond the bound fails (RLIMIT_DATA), and most programs end by that:
  /// a net below the bounds that are counted. Nothing where the system has no such limit.
  public static func set() {
    #if os(Linux) && !PORTABLE
      _ = csystem_limit_memory(bytes)
    #endif
  }
}

/// Memory of malloc(3)'s.
public enum HeapBlock {
  /// What a block has room for, in bytes: at least what was asked for.
  public static func usableSize(_ block: UnsafeMutableRawPointer) -> Int {
    csystem_usable_size(block)
  }
}
