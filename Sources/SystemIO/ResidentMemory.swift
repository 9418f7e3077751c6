/// What this process keeps in memory.
public enum ResidentMemory {
  /// Gives back what only the start has used: the pages that hold code and constants, of this
  /// program and its libraries, and freed memory. What is used again comes back by itself, most
  /// often from the kernel's cache. For a program that is about to do one thing for hours.
  public static func giveBackTheStarts() {
    #if os(Linux)
      csystem_release_code()
    #endif
  }
}
