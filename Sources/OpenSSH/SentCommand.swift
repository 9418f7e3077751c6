public import SystemIO

/// The `ssh` command line that a provider sends. It is parsed, and never run.
///
/// Used are the destination, `-p -l -i -J`, and `-o` with `Port`, `User`, `IdentityFile`,
/// `ProxyJump`, `IdentitiesOnly`, `ConnectTimeout`, `ServerAliveInterval` and
/// `ServerAliveCountMax`. Ignored are `-A -t -T -q -v -x -4 -6 -C`, and `-o` with
/// `StrictHostKeyChecking`, `UserKnownHostsFile`, `LogLevel` and `ForwardAgent`. Everything else is
/// refused, a remote command too. If a value is given twice, the first counts, as with ssh.
public struct SentCommand: Equatable, Sendable {
  /// `nil` where the command names none.
  public let login: String?
  /// The destination: a name or an address, checked by `Grammar`.
  public let host: String
  /// 22 unless the command names one.
  public let port: Int
  /// An absolute path to an existing file of the user's.
  public let identityFile: String?
  /// The hosts to go through, at least one.
  public let jump: [JumpHost]?
  /// `IdentitiesOnly`, `ConnectTimeout`, `ServerAliveInterval` and `ServerAliveCountMax`.
  public let options: [Setting]

  /// - Parameters:
  ///   - command: what the provider sent.
  ///   - home: the user's home directory, for `-i ~/…`.
  /// - Throws: `.invalidResponse`, naming the option that is refused, never its value.
  public init(parsing command: String, home: String) throws(Failure) {
    var words = try ShellWords.split(command)[...]
    guard words.popFirst() == "ssh" else { throw Self.refused("does not start with ssh") }
    var line = SSHCommandLine(home: home)
    try line.take(SSHArguments(words))
    guard let host = line.host else { throw Self.refused("names no host") }
    self.host = host
    login = line.login
    port = line.port ?? 22
    identityFile = line.identityFile
    jump = line.jump.flatMap { $0.isEmpty ? nil : $0 }
    options = line.options
  }

  static func refused(_ clause: String) -> Failure {
    Failure(.invalidResponse, step: "read the provider's ssh command", "the ssh command \(clause)")
  }
}

/// What the words after `ssh` say, as far as they are accepted.
private struct SSHCommandLine {
  private let home: String
  private var wasJumpGiven = false
  private(set) var login: String?
  private(set) var host: String?
  private(set) var port: Int?
  private(set) var identityFile: String?
  /// The hops; empty for `none`, which still takes precedence over a later value.
  private(set) var jump: [JumpHost]?
  private(set) var options: [Setting] = []

  // Of the letters of OpenSSH's getopt string.
  private static let ignoredFlags = "AtTqvx46C"

  init(home: String) {
    self.home = home
  }

  mutating func take(_ arguments: SSHArguments) throws(Failure) {
    for part in arguments {
      switch part {
      case .option(let letter, let value): try take(letter, value)
      case .destination(let word): try setDestination(word)
      case .command: throw SentCommand.refused("holds a remote command")
      }
    }
  }

  private func unwanted(_ option: String) -> Failure {
    SentCommand.refused("has the option \(option), which is not accepted")
  }

  private func unusable(_ option: String) -> Failure {
    SentCommand.refused("has the option \(option) with a value that cannot be used")
  }

  private mutating func take(_ letter: Character, _ value: String?) throws(Failure) {
    if Self.ignoredFlags.contains(letter) { return }
    let option = "-\(String(letter).sanitized())"
    guard "iJlop".contains(letter) else { throw unwanted(option) }
    guard let value else {
      throw SentCommand.refused("has the option \(option) without a value")
    }
    switch letter {
    case "i": setIdentity(value)
    case "J":
      // ssh takes one -J, and none after an -o ProxyJump.
      guard !wasJumpGiven, jump == nil else {
        throw SentCommand.refused("has the option -J more than once")
      }
      wasJumpGiven = true
      try setJump(value, option: option)
    case "l": try setLogin(value, option: option)
    case "p": try setPort(value, option: option)
    default: try setOption(value)
    }
  }

  /// `-o Keyword=value` or `-o "Keyword value"`: one word as the value, without quotes.
  private mutating func setOption(_ text: String) throws(Failure) {
    let space: (UInt8) -> Bool = { $0 == " " || $0 == "\t" }
    var rest = text.utf8.drop(while: space)
    let name = rest.prefix { $0.isAlphanumeric }
    rest = rest.dropFirst(name.count)
    let option = "-o \(String(Substring(name)).sanitized(limit: 40))"
    guard !name.isEmpty, let end = rest.first, space(end) || end == "=" else {
      throw unwanted(name.isEmpty ? "-o" : option)
    }
    rest = rest.drop(while: space)
    if rest.first.map({ $0 == "=" }) ?? false { rest = rest.dropFirst().drop(while: space) }
    while let last = rest.last, space(last) { rest.removeLast() }
    let value = String(Substring(rest))

    let keyword = String(Substring(name)).lowercased()
    if ["stricthostkeychecking", "userknownhostsfile", "loglevel", "forwardagent"]
      .contains(keyword)
    {
      return
    }
    guard let known = Self.taken[keyword] else { throw unwanted(option) }
    guard !value.isEmpty, !value.utf8.contains(where: { space($0) || $0 == "\"" || $0 == "\\" })
    else { throw unusable(option) }
    switch known {
    case .port: try setPort(value, option: option)
    case .user: try setLogin(value, option: option)
    case .identityFile: setIdentity(value)
    case .proxyJump: try setJump(value, option: option)
    case .identitiesOnly:
      let isYes = ["yes": true, "true": true, "no": false, "false": false][value.lowercased()]
      guard let isYes else { throw unusable(option) }
      add(Setting(known, isYes ? "yes" : "no"))
    default:
      guard Setting.Keyword.isCount(value) else { throw unusable(option) }
      add(Setting(known, value))
    }
  }

  private static let taken: [String: Setting.Keyword] = {
    let keywords: [Setting.Keyword] = [
      .port, .user, .identityFile, .proxyJump, .identitiesOnly, .connectTimeout,
      .serverAliveInterval, .serverAliveCountMax,
    ]
    return Dictionary(uniqueKeysWithValues: keywords.map { ($0.rawValue.lowercased(), $0) })
  }()

  private mutating func add(_ setting: Setting) {
    if !options.contains(where: { $0.keyword == setting.keyword }) { options.append(setting) }
  }

  private mutating func setDestination(_ word: String) throws(Failure) {
    if word.hasPrefix("ssh://") {
      guard let place = JumpHost(word) else {
        throw SentCommand.refused("has a destination that cannot be used")
      }
      host = place.host
      login = login ?? place.login
      port = port ?? place.port
      return
    }
    var rest = word[...]
    let name = UserHostPort.takeUser(&rest).map(String.init)
    guard Grammar.isHost(String(rest)), name.map(Grammar.isLogin) ?? true else {
      throw SentCommand.refused("has a destination that cannot be used")
    }
    host = String(rest)
    login = login ?? name
  }

  private mutating func setLogin(_ value: String, option: String) throws(Failure) {
    guard Grammar.isLogin(value) else { throw unusable(option) }
    login = login ?? value
  }

  private mutating func setPort(_ value: String, option: String) throws(Failure) {
    guard let number = Grammar.port(value) else { throw unusable(option) }
    port = port ?? number
  }

  private mutating func setJump(_ value: String, option: String) throws(Failure) {
    guard let hops = value.lowercased() == "none" ? [] : JumpHost.list(value) else {
      throw unusable(option)
    }
    jump = jump ?? hops
  }

  /// A path that is not a file of the user's is ignored, as ssh ignores a missing one.
  private mutating func setIdentity(_ value: String) {
    identityFile = identityFile ?? UserKeyFile.path(value, home: home)
  }
}

/// A key file of the user's that a provider names on this computer.
package enum UserKeyFile {
  /// The largest key file, in bytes: no key is nearly as long. ssh itself reads a file of any length
  /// into memory, and /proc has files without an end.
  package static let largest = 64 << 10

  /// The absolute path, if `path` is absolute or `~/…`, has no `%`, `$` or `..`, can be written in
  /// a line of ssh's configuration, and is a regular file of the user's below `~/.ssh`, of 1 byte to `largest`.
  /// A link counts as the file that it leads to.
  package static func path(_ path: String, home: String) -> String? {
    guard path.hasPrefix("/") || path.hasPrefix("~/") else { return nil }
    guard !path.utf8.contains("%"), !path.utf8.contains("$") else { return nil }
    guard !path.utf8.parts(by: "/").contains(where: { $0.elementsEqual("..".utf8) }) else {
      return nil
    }
    let absolute = path.hasPrefix("~/") ? home + path.dropFirst() : path
    // `~/.ssh/./././id` may be as long as its author likes.
    guard let line = try? Setting(.identityFile, absolute).line(),
      line.utf8.count <= ConfigLine.longest - 2,
      let folder = resolvedPath(home + "/.ssh"), let place = resolvedPath(absolute),
      place.hasPrefix(folder + "/"),
      !["/proc/", "/sys/", "/dev/"].contains(where: { place.hasPrefix($0) })
    else { return nil }
    guard let status = FileStatus(of: place), status.isRegular, status.isOwn,
      (1...largest).contains(status.size)
    else { return nil }
    return absolute
  }
}
