/// The ssh processes above this one that carry another ssh's connection: ssh runs `ssh -W` for each jump host,
/// and that reads the user's configuration again, where a host may lead through one of our aliases.
///
/// Linux tells by `/proc` (proc(5)); elsewhere none are known.
public enum JumpChain {
  /// More hops than anybody writes down.
  private static let limit = 8
  /// How far up is looked: each hop may have a shell between.
  private static let reach = 64
  private static let longestCommandLine = 256 * 1024

  /// - Throws: `.configuration` when more than 8 hops are nested: an ssh that leads to itself has no end,
  ///   and would fill the computer with processes.
  public static func check() throws(Failure) {
    guard isEndless else { return }
    throw Failure(
      .configuration,
      "ssh has come here through \(limit) jump hosts, each by another one's configuration",
      hint:
        "look in ~/.ssh/config for a host whose ProxyJump is an alias of this program, and which "
        + "that alias's own jump host matches")
  }

  /// Whether so many hops are nested that there is no end in sight.
  public static var isEndless: Bool {
    var hops = 0
    var process = getppid()
    for _ in 0..<reach where process > 1 {
      if carries(process) { hops += 1 }
      guard hops <= limit else { return true }
      guard let next = parent(of: process) else { break }
      process = next
    }
    return false
  }

  /// Whether a process is an `ssh -W`.
  private static func carries(_ process: pid_t) -> Bool {
    guard let bytes = read("/proc/\(process)/cmdline", limit: longestCommandLine) else {
      return false
    }
    let words = bytes.split(separator: 0)
    return words.first?.split(separator: UInt8(ascii: "/")).last?.elementsEqual("ssh".utf8) == true
      && words.contains { $0.elementsEqual("-W".utf8) }
  }

  /// The second word behind the program's name, which stands in parentheses and may hold any character.
  private static func parent(of process: pid_t) -> pid_t? {
    guard let bytes = read("/proc/\(process)/stat", limit: 4096),
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let words = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    return words.count > 1 ? pid_t(String(decoding: words[1], as: UTF8.self)) : nil
  }

  private static func read(_ path: String, limit: Int) -> [UInt8]? {
    guard let file = try? Descriptor.open(path, flags: O_RDONLY) else { return nil }
    return try? file.readAll(limit: limit)
  }
}
