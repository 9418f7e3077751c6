import SystemIO

/// The ssh that runs `prepare`, by its command line (proc(5)); known on Linux only.
enum CallingSSH {
  /// ssh's options that take a value (ssh(1)).
  private static let valued = Set("BbcDEeFIiJLlmOoPpQRSWw")

  /// Whether it prints its configuration (`-G`) and connects to nothing.
  static var onlyPrints: Bool {
    let path = "/proc/\(getppid())/cmdline"
    guard let bytes = (try? PrivateFile.read(path, limit: 256 * 1024)) ?? nil else { return false }
    return onlyPrints(bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
  }

  /// - Parameter words: a command line, the program's name first.
  private static func onlyPrints(_ words: [String]) -> Bool {
    guard words.first?.split(separator: "/").last == "ssh" else { return false }
    var rest = words.dropFirst()
    var hasHost = false
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-", word != "--" else {
        // What follows the second word is the remote command's.
        if hasHost { return false }
        hasHost = word != "--"
        continue
      }
      for (index, option) in word.dropFirst().enumerated() {
        if option == "G" { return true }
        guard valued.contains(option) else { continue }
        if index == word.count - 2 { rest = rest.dropFirst() }
        break
      }
    }
    return false
  }
}
