/// What the system tells of other processes. Linux does by `/proc` (proc(5)); elsewhere nothing is known.
public enum OtherProcess {
  /// In bytes.
  private static let longestCommandLine = 256 * 1024

  /// The words that a process was started with, the program's name first.
  /// - Returns: `nil` where they are not known.
  public static func commandLine(of process: pid_t) -> [[UInt8]]? {
    read("cmdline", of: process, limit: longestCommandLine)?
      .split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
  }

  /// The words of its status behind the program's name, which stands in parentheses and may hold any
  /// character: the second is the parent.
  static func status(of process: pid_t) -> [Substring]? {
    read("stat", of: process, limit: 4096).flatMap {
      String(decoding: $0, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
    }
  }

  static func parent(of process: pid_t) -> pid_t? {
    guard let words = status(of: process), words.count > 1 else { return nil }
    return pid_t(words[1])
  }

  static var all: [pid_t] {
    #if os(Linux) && !PORTABLE
      guard let stream = opendir("/proc") else { return [] }
      defer { closedir(stream) }
      var found: [pid_t] = []
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if let identifier = pid_t(name) { found.append(identifier) }
      }
      return found
    #else
      return []
    #endif
  }

  private static func read(_ file: String, of process: pid_t, limit: Int) -> [UInt8]? {
    #if os(Linux) && !PORTABLE
      guard let file = try? Descriptor.open("/proc/\(process)/\(file)", flags: O_RDONLY) else {
        return nil
      }
      return try? file.readAll(limit: limit)
    #else
      return nil
    #endif
  }
}
