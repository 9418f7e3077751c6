internal import SystemIO

/// A name under `[hosts]` that is also a `Host` of the user's own, which leads to a machine.
public struct NameOfBoth: Sendable {
  public let name: String
  /// The file with the `Host` line, and the line's number.
  public let path: String
  public let line: Int

  /// What is so, as a sentence without its full stop.
  public var explanation: String {
    "\(name) under [hosts] is also a Host in \(path.sanitized()), line \(line): `ssh \(name)` goes where "
      + "[hosts] says, with whatever else that Host sets"
  }

  /// What to do about it.
  public var remedy: String { "rename one of the two, then run `sshproxy setup`" }
}

extension SSHSetup {
  /// The names under `[hosts]` that the user's own files have too, with the first line for each. What
  /// cannot be read is passed over: ssh will say so itself.
  public func namesOfBoth() -> [NameOfBoth] {
    var search = UserHosts(names: names, home: sshHome, skipped: [managedFile, matchFile])
    search.read(configFile)
    return search.found
  }
}

/// Looks for `Host` lines in the user's ssh configuration and in what it includes (ssh_config(5)). Only
/// those count that lead to a machine: a login or a key for an alias of ours may well stand there.
private struct UserHosts {
  let names: Set<String>
  let home: String?
  let skipped: Set<String>
  private(set) var found: [NameOfBoth] = []
  private var depth = 0

  /// As in ssh itself (READCONF_MAX_DEPTH).
  private static let deepest = 16

  init(names: [String], home: String?, skipped: [String]) {
    self.names = Set(names)
    self.home = home
    self.skipped = Set(skipped)
  }

  mutating func read(_ path: String) {
    guard depth < Self.deepest, !skipped.contains(path),
      let bytes = (try? EditableFile(path))?.bytes
    else { return }
    depth += 1
    defer { depth -= 1 }
    /// The names of the Host line above, and its number.
    var names: [String] = []
    var head = 0
    for (index, line) in IncludeLine.lines(of: bytes).enumerated() {
      let words = Self.words(String(decoding: line, as: UTF8.self))
      switch words.first?.lowercased() {
      case "host": (names, head) = (words.dropFirst().filter(self.names.contains), index + 1)
      case "match": names = []
      case "include":
        for pattern in words.dropFirst() {
          for path in Glob.paths(absolute(pattern)) { read(path) }
        }
      case "hostname", "port", "proxycommand", "proxyjump":
        for name in names where !found.contains(where: { $0.name == name }) {
          found.append(NameOfBoth(name: name, path: path, line: head))
        }
      default: break
      }
    }
  }

  private func absolute(_ path: String) -> String {
    if path.hasPrefix("~/") { return (home ?? "") + path.dropFirst() }
    return path.hasPrefix("/") ? path : (home ?? "") + "/.ssh/" + path
  }

  /// The words of a line, without quotes. The keyword may end in `=`.
  private static func words(_ line: String) -> [String] {
    let plain = line.filter { $0 != "\"" }
    guard !plain.drop(while: \.isWhitespace).hasPrefix("#") else { return [] }
    return plain.split { $0.isWhitespace || $0 == "=" }.map(String.init)
  }
}
