/// The ssh processes above this one that carry another ssh's connection: ssh runs `ssh -W` for each jump host,
/// and that reads the user's configuration again, where a host may lead through one of our aliases.
///
/// Where the system tells nothing of other processes, none are known.
public enum JumpChain {
  /// More hops than anybody writes down.
  private static let limit = 8
  /// How far up is looked: each hop may have a shell between.
  private static let reach = 64

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
      guard let next = OtherProcess.parent(of: process) else { break }
      process = next
    }
    return false
  }

  /// Whether a process is an `ssh -W`.
  private static func carries(_ process: pid_t) -> Bool {
    guard let words = OtherProcess.commandLine(of: process) else { return false }
    return words.first?.split(separator: UInt8(ascii: "/")).last?.elementsEqual("ssh".utf8) == true
      && words.contains { $0.elementsEqual("-W".utf8) }
  }
}
