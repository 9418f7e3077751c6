/// What a process has started, and what that has started in turn: a script that is ended must not
/// leave its `sleep` behind.
///
/// A process group of its own would say the same, but would take the terminal from a password
/// manager that asks there. Linux tells by `/proc`; elsewhere none are known.
enum Descendants {
  static func of(_ ancestor: pid_t) -> [pid_t] {
    let parents = all()
    var family = [ancestor]
    var next = 0
    while next < family.count {
      family += parents.filter { $0.parent == family[next] }.map(\.identifier)
      next += 1
    }
    return Array(family.dropFirst())
  }

  private static func all() -> [(identifier: pid_t, parent: pid_t)] {
    guard let stream = opendir("/proc") else { return [] }
    defer { closedir(stream) }
    var found: [(identifier: pid_t, parent: pid_t)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let identifier = pid_t(name), let parent = parent(of: name) else { continue }
      found.append((identifier, parent))
    }
    return found
  }

  /// The second word behind the program's name, which stands in parentheses and may hold any
  /// character (proc(5)).
  private static func parent(of process: String) -> pid_t? {
    guard let file = try? Descriptor.open("/proc/\(process)/stat", flags: O_RDONLY),
      let bytes = try? file.readAll(limit: 4096)
    else { return nil }
    let words = String(decoding: bytes, as: UTF8.self)
      .split(separator: ")").last?.split(separator: " ")
    guard let words, words.count > 1 else { return nil }
    return pid_t(words[1])
  }
}
