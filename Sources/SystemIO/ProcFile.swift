/// What Linux tells in files below `/proc` (proc(5)).
enum ProcFile {
  /// - Parameters:
  ///   - name: the path below `/proc`.
  ///   - limit: in bytes.
  /// - Returns: `nil` where there is no such file, it cannot be read, or there is more.
  static func read(_ name: String, limit: Int) -> [UInt8]? {
    guard let file = try? Descriptor.open("/proc/\(name)", flags: O_RDONLY) else { return nil }
    return try? file.readAll(limit: limit)
  }
}

/// What the system tells of other processes. Linux does by `/proc` (proc(5)); elsewhere nothing is known.
public enum OtherProcess {
  /// In bytes: more than Linux takes (execve(2)), because what cannot be read is nobody's.
  private static let longestCommandLine = 8 << 20

  /// The words that a process was started with, the program's name first.
  /// - Returns: `nil` where they are not known.
  public static func commandLine(of process: pid_t) -> [[UInt8]]? {
    read("cmdline", of: process, limit: longestCommandLine)?
      .split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
  }

  /// Whether a command line is that of a program of this name, wherever the program lies.
  public static func isOf(_ program: String, _ commandLine: [[UInt8]]) -> Bool {
    commandLine.first?.split(separator: UInt8(ascii: "/")).last?.elementsEqual(program.utf8) == true
  }

  /// The words of its status behind the program's name, which stands in parentheses and may hold any
  /// character: the second is the parent.
  static func status(of process: pid_t) -> [Substring]? {
    read("stat", of: process, limit: 4096).flatMap {
      String(decoding: $0, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
    }
  }

  static var all: [pid_t] {
    #if os(Linux) && !PORTABLE
      guard let directory = try? Descriptor.open("/proc", flags: O_RDONLY | O_DIRECTORY),
        let names = try? PrivateDirectory.names(in: directory)
      else { return [] }
      return names.compactMap { pid_t($0) }
    #else
      return []
    #endif
  }

  private static func read(_ file: String, of process: pid_t, limit: Int) -> [UInt8]? {
    #if os(Linux) && !PORTABLE
      return ProcFile.read("\(process)/\(file)", limit: limit)
    #else
      return nil
    #endif
  }
}

/// What this computer's processor can do, as Linux shows it.
public enum Processor {
  /// Whether AES-GCM costs it little: it has instructions for AES, and for the products of GHASH.
  public static var hasFastAESGCM: Bool {
    guard let bytes = ProcFile.read("cpuinfo", limit: 4 << 20) else { return false }
    return hasFastAESGCM(information: String(decoding: bytes, as: UTF8.self))
  }

  /// - Parameter information: the text of `/proc/cpuinfo`: x86 has a line `flags`, Arm `Features`. Every
  ///   core must have the instructions.
  public static func hasFastAESGCM(information: String) -> Bool {
    let lines = information.utf8.split(separator: UInt8(ascii: "\n")).filter {
      $0.starts(with: "flags".utf8) || $0.starts(with: "Features".utf8)
    }
    return !lines.isEmpty
      && lines.allSatisfy { line in
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
          .map { String(Substring($0)) }
        return words.contains("aes") && (words.contains("pclmulqdq") || words.contains("pmull"))
      }
  }
}
