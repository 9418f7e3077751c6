import SystemIO

/// The ssh that runs `prepare`, by its command line, where the system tells it.
enum CallingSSH {
  /// ssh's options that take a value (ssh(1)).
  private static let valued = Set("BbcDEeFIiJLlmOoPpQRSWw")

  /// Whether it prints its configuration (`-G`) and connects to nothing.
  static var onlyPrints: Bool {
    guard let words = OtherProcess.commandLine(of: getppid()) else { return false }
    return onlyPrints(words.map { String(decoding: $0, as: UTF8.self) })
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
