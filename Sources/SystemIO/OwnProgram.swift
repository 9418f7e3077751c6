/// The program that this process runs.
public enum OwnProgram {
  /// Its file, without links.
  /// - Returns: `nil` where the system does not tell: on Linux, without /proc.
  public static var path: String? {
    #if canImport(Darwin)
      var size = UInt32(PATH_MAX)
      var buffer = [CChar](repeating: 0, count: Int(size))
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
      return buffer.withUnsafeBufferPointer {
        $0.baseAddress.flatMap { resolvedPath(String(cString: $0)) }
      }
    #else
      return resolvedPath("/proc/self/exe")
    #endif
  }
}
