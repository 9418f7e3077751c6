import Foundation

/// What sshproxy has stored below a home directory, as a test finds or changes it.
extension TemporaryDirectory {
  /// Where the sessions are.
  public static let state = ".local/state/sshproxy"

  /// The names of an alias's sessions.
  public func sessions(of alias: String) -> [String] {
    names(in: "\(Self.state)/sessions/\(alias)").filter {
      !$0.hasPrefix("current") && exists("\(Self.state)/sessions/\(alias)/\($0)/record")
    }
  }

  /// Changes each line of each record of an alias.
  public func rewriteRecords(of alias: String, _ change: (String) throws -> String) throws {
    for name in sessions(of: alias) {
      let path = "\(Self.state)/sessions/\(alias)/\(name)/record"
      let lines = try (read(path) ?? "").split(separator: "\n").map { try change(String($0)) }
      try write(lines.joined(separator: "\n") + "\n", to: path)
    }
  }

  /// The login names that are secrets, of all sessions.
  public var secretLogins: [String] {
    get throws {
      let names = try FileManager.default.subpathsOfDirectory(atPath: path)
      return names.filter { $0.hasSuffix("/session.json") }.compactMap { name in
        let data = Data((read(name) ?? "").utf8)
        let json = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        let session = json?["session"] as? [String: Any]
        let login = (session?["login"] as? [String: Any])?["secret"] as? [String: Any]
        return login?["_0"] as? String
      }
    }
  }

  /// Makes an alias's sessions older, as if that time had passed since they were made.
  /// - Parameter seconds: how much older; below 0, younger.
  public func age(_ alias: String, by seconds: Int64) throws {
    let times = ["created", "renew-after", "expires", "renew-from"]
    try rewriteRecords(of: alias) { line in
      let words = line.split(separator: " ")
      guard words.count == 2, times.contains(String(words[0])), let time = Int64(words[1]) else {
        return line
      }
      return "\(words[0]) \(time - seconds)"
    }
    // When somebody last looked after it.
    for name in sessions(of: alias) {
      let mark = path(of: "\(Self.state)/sessions/\(alias)/\(name)/upkeep")
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: mark),
        let time = attributes[.modificationDate] as? Date
      else { continue }
      try FileManager.default.setAttributes(
        [.modificationDate: time.addingTimeInterval(-Double(seconds))], ofItemAtPath: mark)
    }
  }
}
