internal import SystemIO

/// The words after `ssh`, read as ssh's `main` reads them: options, the destination, more options.
struct SSHCommandLine {
  private var words: ArraySlice<String>
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

  init(_ words: ArraySlice<String>, home: String) {
    self.words = words
    self.home = home
  }

  mutating func parse() throws(Failure) {
    while let word = words.popFirst() {
      if word == "--" {
        if let destination = words.popFirst() {
          guard host == nil else { throw remoteCommand }
          try setDestination(destination)
        }
        guard words.isEmpty else { throw remoteCommand }
      } else if word.hasPrefix("-"), word != "-" {
        try parseFlags(word.dropFirst())
      } else {
        guard host == nil else { throw remoteCommand }
        try setDestination(word)
      }
    }
  }

  private var remoteCommand: Failure { SentCommand.refused("holds a remote command") }

  private func unwanted(_ option: String) -> Failure {
    SentCommand.refused("has the option \(option), which is not accepted")
  }

  private func unusable(_ option: String) -> Failure {
    SentCommand.refused("has the option \(option) with a value that cannot be used")
  }

  private mutating func parseFlags(_ letters: Substring) throws(Failure) {
    var letters = letters
    while let letter = letters.popFirst() {
      if Self.ignoredFlags.contains(letter) { continue }
      let option = "-\(String(letter).sanitized())"
      guard SentCommand.valued.contains(letter) else { throw unwanted(option) }
      guard "iJlop".contains(letter) else { throw unwanted(option) }
      guard let value = letters.isEmpty ? words.popFirst() : String(letters) else {
        throw SentCommand.refused("has the option \(option) without a value")
      }
      letters = ""
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
    let name = JumpHost.takeLogin(&rest)
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
    identityFile = identityFile ?? OwnFile.path(value, home: home)
  }
}
