internal import SystemIO

/// A name under `[hosts]` that is also a `Host` of the user's own, which leads to a machine.
public struct AliasConflict: Sendable {
  /// As the user's file has it.
  public let name: String
  /// The file with the `Host` line.
  public let path: String
  /// Counted from 1.
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
  public func aliasConflicts() -> [AliasConflict] {
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
  /// What is not to be read: files of our own, and those that have been.
  private var passed: Set<String>
  private(set) var found: [AliasConflict] = []
  private var depth = 0

  /// As in ssh itself (READCONF_MAX_DEPTH).
  private static let deepest = 16

  init(names: [String], home: String?, skipped: [String]) {
    self.names = Set(names)
    self.home = home
    passed = Set(skipped)
  }

  mutating func read(_ path: String) {
    guard depth < Self.deepest, passed.insert(path).inserted,
      let bytes = (try? EditableFile(path))?.bytes
    else { return }
    depth += 1
    defer { depth -= 1 }
    /// The names of the Host line above, and its number.
    var names: [String] = []
    var head = 0
    for (index, line) in SettingLine.lines(of: bytes).enumerated() {
      guard let line = SettingLine(line) else { continue }
      switch line.keyword {
      case "host": (names, head) = (line.arguments.filter(self.names.contains), index + 1)
      case "match": names = []
      case "include":
        for pattern in line.arguments.compactMap(absolute) {
          for path in Glob.paths(pattern) { read(path) }
        }
      case "hostname", "port", "proxycommand", "proxyjump":
        for name in names where !found.contains(where: { $0.name == name }) {
          found.append(AliasConflict(name: name, path: path, line: head))
        }
      default: break
      }
    }
  }

  /// - Returns: `nil` where it starts in a home that is not known.
  private func absolute(_ path: String) -> String? {
    if path.hasPrefix("/") { return path }
    return home.map { path.hasPrefix("~/") ? $0 + path.dropFirst() : "\($0)/.ssh/\(path)" }
  }
}
