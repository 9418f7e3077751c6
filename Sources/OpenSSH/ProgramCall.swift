public import Grammar
internal import SystemIO

/// The command by which ssh calls `sshproxy`: the program, and where its files are, whatever the environment says.
///
/// Its paths are in single quotes, which every shell reads alike; ssh expands `%` tokens in it first.
public struct ProgramCall: Equatable, Sendable {
  /// The absolute path of the program.
  public let program: String
  private let directories: [LocationOption: String]

  /// - Parameters:
  ///   - program: an absolute path, which breaks no rule of `ConfigPath.brokenInCommand`; so the others.
  public init(_ program: String, _ directories: [LocationOption: String]) {
    self.program = program
    self.directories = directories
  }

  /// - Returns: `nil` for any text that is not `text` of a call.
  public init?(reading text: String) {
    guard let (call, rest) = Self.beginning(of: text), rest.isEmpty else { return nil }
    self = call
  }

  /// The words of the call, for a shell within ssh's configuration.
  public var text: String {
    let options = LocationOption.allCases.compactMap { option in
      directories[option].map { " \(option.word) \(ConfigPath.shellWord($0))" }
    }
    return ConfigPath.shellWord(program) + options.joined()
  }

  /// Where the connection of an ssh may lead that has read a session's block.
  public enum Reach: Equatable, Sendable {
    /// To whatever session the alias has by now: with known hosts of the block's own, nothing is believed or
    /// recorded of another host.
    case alias
    /// To the endpoint itself.
    case endpoint(HostAndPort)
    /// To what is behind a host in between, which may be any machine that it says it is.
    case behind(HostAndPort)

    fileprivate var words: String {
      switch self {
      case .alias: "\(ConnectOption.prepared.word) "
      case .endpoint(let endpoint): "\(ConnectOption.onlyTo.word) '\(endpoint.text)' "
      case .behind(let endpoint): "\(ConnectOption.onlyBehind.word) '\(endpoint.text)' "
      }
    }
  }

  /// The value of ProxyCommand (ssh_config(5)).
  /// - Parameters:
  ///   - alias: an alias itself, or `%n`.
  ///   - fdpass: whether ssh is passed the socket where it asks for one (`ProxyUseFdpass`).
  ///   - reach: `nil` for a caller that has read no block.
  public func connecting(to alias: String, fdpass: Bool, reach: Reach? = nil) -> String {
    "\(text) connect \(fdpass ? "\(ConnectOption.fdpass.word) " : "")\(reach?.words ?? "")'\(alias)'"
  }

  /// Whether a ProxyCommand runs us, whoever has written it: its program has our name.
  public static func isOurs(_ command: String) -> Bool {
    let words = command.hasPrefix("exec ") ? command.dropFirst("exec ".count) : command[...]
    let quote = words.first.flatMap { "'\"".contains($0) ? $0 : nil }
    let program = words.dropFirst(quote == nil ? 0 : 1).prefix { $0 != quote ?? " " }
    return program.split(separator: "/").last == "sshproxy"
  }

  /// Whether a text is `connecting(to:fdpass:reach:)` with a socket that is passed, as a generated block has it:
  /// for one alias and one endpoint, or for any alias that has a block.
  static func isBound(_ text: String) -> Bool {
    guard let (call, rest) = beginning(of: text) else { return false }
    if isForMany(text) { return call.connectingPrepared.utf8.elementsEqual(text.utf8) }
    let words = rest.utf8.parts(by: "'").map { String(Substring($0)) }
    guard words.count == 5, let endpoint = HostAndPort(reading: words[1]),
      Alias.broken(by: words[3]) == nil
    else { return false }
    return [Reach.endpoint(endpoint), .behind(endpoint)].contains { reach in
      call.connecting(to: words[3], fdpass: true, reach: reach).utf8.elementsEqual(text.utf8)
    }
  }

  /// What the blocks with known hosts of their own have in common.
  var connectingPrepared: String { connecting(to: "%n", fdpass: true, reach: .alias) }

  /// Whether a value for a block is that of others, too.
  static func isForMany(_ text: String) -> Bool { text.utf8.suffix(4).elementsEqual("'%n'".utf8) }

  /// The call that a text begins with, and what follows it.
  private static func beginning(of text: String) -> (call: Self, rest: Substring)? {
    var rest = text[...]
    guard let program = quoted(&rest) else { return nil }
    var directories: [LocationOption: String] = [:]
    for option in LocationOption.allCases {
      let word = " \(option.word) "
      guard rest.utf8.starts(with: word.utf8) else { continue }
      rest = Substring(rest.utf8.dropFirst(word.utf8.count))
      guard let path = quoted(&rest) else { return nil }
      directories[option] = path
    }
    let call = Self(program, directories)
    guard
      ([program] + directories.values).allSatisfy({ ConfigPath.brokenInCommand(by: $0) == nil }),
      text.utf8.starts(with: call.text.utf8)
    else { return nil }
    return (call, rest)
  }

  /// Takes a word in single quotes off the beginning of `text`.
  /// - Returns: the path whose `shellWord` it may be.
  private static func quoted(_ text: inout Substring) -> String? {
    guard text.utf8.first == UInt8(ascii: "'") else { return nil }
    let rest = text.utf8.dropFirst()
    guard let end = rest.firstIndex(of: UInt8(ascii: "'")) else { return nil }
    text = Substring(rest[end...].dropFirst())
    return String(Substring(rest[..<end])).replacing("%%", with: "%")
  }
}
