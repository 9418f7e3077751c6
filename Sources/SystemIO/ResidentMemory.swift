/// The memory that this process occupies.
public enum ResidentMemory {
  /// Gives back what only the start-up has used: pages with code and constants, of this program and
  /// its libraries, and freed memory. For a program that is about to do one thing for hours. Pages
  /// that are needed again are loaded by the kernel, usually from its cache.
  public static func releaseStartUp() {
    #if os(Linux)
      csystem_release_code()
    #endif
  }
}
