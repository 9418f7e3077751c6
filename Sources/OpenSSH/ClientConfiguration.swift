internal import Grammar
public import SystemIO

/// The files that `prepare` generates for programs that read ssh's configuration: the settings of each
/// live session.
///
/// ssh parses an included file for every host, so one bad line would break every ssh of the user. Only
/// checked values are written, and `check` parses the text back before it is put in place.
public enum ClientConfiguration {
  /// The settings for one alias.
  public struct Block: Hashable, Sendable {
    /// In lower case.
    public var alias: String
    /// In the order in which they are written.
    public var settings: [Setting]

    /// - Parameters: see the properties; `render` checks them.
    public init(alias: String, settings: [Setting]) {
      self.alias = alias
      self.settings = settings
    }

    /// Makes ssh's connection lead only to the block's own endpoint. By the time that ssh connects, the alias may
    /// lead elsewhere, and another host's key would be believed, and recorded, under this one's name. An ssh
    /// that has not read the block calls us without the block's place, and is known by that.
    fileprivate mutating func bind(by call: ProgramCall, to reach: ProgramCall.Reach) {
      let command =
        reach == .alias
        ? call.connectingPrepared : call.connecting(to: alias, fdpass: true, reach: reach)
      settings.append(Setting(.proxyCommand, command))
    }

    /// Whether the block's own known hosts decide on the host, unless an option of the user's names others: then
    /// no other machine's key is believed or recorded.
    fileprivate var hasOwnKnownHosts: Bool {
      // A secret is for the machine alone that it was given for.
      !hasSecretLogin && settings.contains { $0.keyword == .userKnownHostsFile }
    }

    /// What it may have in common with others.
    fileprivate var common: [Setting] { settings.filter(\.isRepeated) }

    /// Whether its User is a secret.
    var hasSecretLogin: Bool {
      settings.contains(Setting(.preferredAuthentications, Setting.secretLoginMethod))
    }
  }

  /// Who reads a file.
  public enum Reader: Sendable {
    /// ssh itself: `Match originalhost ALIAS`, which takes an alias in letters of either case. A `Host`
    /// line stands before it: readers that ignore `Match` give its settings to the `Host` before it.
    case openSSH
    /// Any other program: `Host ALIAS`, and only what such programs know.
    case anyProgram
  }

  /// Settings that more aliases than this have in common are written once, at the end: ssh reads every
  /// line for every host. Up to this number, each block says all that ssh does for its alias.
  static let mostRepetitions = 16

  /// Makes each block's connection lead only to the block's own endpoint. Blocks with known hosts of their own
  /// share one line instead where they are many: a line for each would cost every ssh time.
  /// - Parameter places: the blocks' own, in their order; `nil` for a block that is left as it is.
  public static func bind(
    _ blocks: inout [Block], by call: ProgramCall, to places: [ProgramCall.Reach?]
  ) {
    var kinds: [[Setting]: Int] = [:]
    for block in blocks where block.hasOwnKnownHosts { kinds[block.common, default: 0] += 1 }
    for (index, place) in zip(blocks.indices, places) {
      guard let place else { continue }
      let block = blocks[index]
      let isShared =
        block.hasOwnKnownHosts && kinds[block.common, default: 0] > mostRepetitions
      blocks[index].bind(by: call, to: isShared ? .alias : place)
    }
  }

  static var header: String {
    "# Written by sshproxy at every change of a session; what is written here by hand is lost.\n"
  }

  /// The text of a file, ending in a line end.
  /// - Parameters:
  ///   - blocks: at most one for each alias.
  ///   - program: what ssh calls, where that is known.
  /// - Throws: `.invalidResponse` for an alias or a value outside its grammar, `.configuration` for a
  ///   path that cannot be written.
  public static func render(
    _ blocks: [Block], for reader: Reader = .openSSH, program: String? = nil
  ) throws(Failure) -> String {
    var text = header
    for section in Section.sections(of: blocks, for: reader, program: program) {
      for alias in section.aliases where Alias.broken(by: alias) != nil {
        throw Failure(
          .invalidResponse, step: "write ssh's configuration",
          "\(alias.sanitized(limit: 80)) is not an alias")
      }
      text += "\n"
      for line in section.heads(for: reader) { text += line + "\n" }
      for setting in section.settings {
        text += "  \(try setting.line())\n"
      }
      if let note = section.note { text += note.line + "\n" }
    }
    return text
  }

  /// A configuration for `ssh -F`: the file of a session's block, and then what ssh reads by itself.
  /// - Throws: `.configuration` for a path that cannot be written.
  public static func whole(with path: String) throws(Failure) -> String {
    header + "Include \(try Setting.path(path, for: "Include"))\n"
      + "Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\n"
  }

  /// The blocks of a text that `render` wrote for the same reader and program.
  /// - Throws: `.configuration`, naming the line, for any text that `render` would not write.
  public static func check(
    _ text: String, for reader: Reader = .openSSH, program: String? = nil
  ) throws(Failure) -> [Block] {
    let blocks = try parse(text, for: reader, program: program)
    guard let again = try? render(blocks, for: reader, program: program),
      again.utf8.elementsEqual(text.utf8)
    else {
      throw refused(line: 1)
    }
    return blocks
  }

  static func refused(line: Int) -> Failure {
    Failure(
      .configuration, step: "read ssh's generated configuration",
      "line \(line) of the generated configuration is not one that sshproxy writes")
  }
}

extension ClientConfiguration {
  /// Settings under one pair of `Host` and `Match` lines: an alias's own, or what many have in common.
  struct Section {
    var aliases: [String]
    var settings: [Setting]
    /// The line behind an alias's own settings.
    var note: LoginNote?

    /// The lines that begin the section, without their line ends.
    func heads(for reader: Reader) -> [String] {
      let host = "Host " + aliases.joined(separator: " ")
      return switch reader {
      case .openSSH: [host, "Match originalhost " + aliases.joined(separator: ",")]
      case .anyProgram: [host]
      }
    }

    /// The blocks' sections, and behind them those that they have in common.
    static func sections(
      of blocks: [Block], for reader: Reader, program: String?
    ) -> [Section] {
      let blocks = blocks.map { block in
        Block(
          alias: block.alias,
          // A secret stands in as few files as can be, and of these programs none logs in by it.
          settings: reader == .anyProgram && block.hasSecretLogin
            ? [] : block.settings.filter { $0.isKnown(to: reader) })
      }
      var users: [[Setting]: [String]] = [:]
      var order: [[Setting]] = []
      for block in blocks {
        let common = block.common
        if users[common] == nil { order.append(common) }
        users[common, default: []].append(block.alias)
      }
      users = users.filter { !$0.key.isEmpty && $0.value.count > mostRepetitions }
      // A `Match` costs ssh as much as five other lines, for every host.
      let hasNotes = reader == .openSSH && blocks.count <= mostRepetitions
      // The other programs' file is read by ssh, too, at every start: aliases of which it only has to know that
      // there are such stand together in one line.
      let hasSections: (Block) -> Bool = { reader == .openSSH || !$0.settings.isEmpty }
      let own = blocks.filter(hasSections).map { block in
        let isShared = users[block.common] != nil
        return Section(
          aliases: [block.alias],
          settings: isShared ? block.settings.filter { !$0.isRepeated } : block.settings,
          note: hasNotes ? LoginNote(block, program: program) : nil)
      }
      let room = ConfigLine.longest - "Match originalhost ".utf8.count
      let shared = order.flatMap { settings in
        ConfigLine.runs(of: users[settings] ?? [], room: room).map {
          Section(aliases: $0, settings: settings)
        }
      }
      let names = ConfigLine.runs(
        of: blocks.filter { !hasSections($0) }.map(\.alias), room: room
      ).map { Section(aliases: $0, settings: []) }
      return own + shared + names
    }
  }
}

extension Setting {
  /// Whether sessions of one kind have the setting in common.
  fileprivate var isRepeated: Bool {
    switch keyword {
    case .identitiesOnly, .addKeysToAgent, .preferredAuthentications, .globalKnownHostsFile,
      .strictHostKeyChecking, .verifyHostKeyDNS, .updateHostKeys, .pubkeyAuthentication,
      .hostKeyAlgorithms, .caSignatureAlgorithms, .pubkeyAcceptedKeyTypes, .serverAliveInterval,
      .serverAliveCountMax, .ciphers, .controlMaster, .controlPersist:
      true
    case .proxyCommand: ProgramCall.isForMany(value)
    default: false
    }
  }

  /// Whether the setting is written for a reader. Other programs than ssh get what names the session and
  /// its host's key; how to connect they are told by `setup`'s lines.
  fileprivate func isKnown(to reader: ClientConfiguration.Reader) -> Bool {
    switch (reader, keyword) {
    case (.openSSH, _): true
    case (.anyProgram, .user), (.anyProgram, .hostKeyAlias), (.anyProgram, .identityFile),
      (.anyProgram, .certificateFile), (.anyProgram, .identitiesOnly),
      (.anyProgram, .preferredAuthentications), (.anyProgram, .userKnownHostsFile),
      (.anyProgram, .globalKnownHostsFile), (.anyProgram, .strictHostKeyChecking):
      true
    case (.anyProgram, _): false
    }
  }
}

extension ClientConfiguration {
  /// Reads a text that `render` wrote. Each line is checked; their order is `check`'s to compare.
  /// - Throws: `.configuration`, naming the line that `render` would never write.
  public static func parse(
    _ text: String, for reader: Reader = .openSSH, program: String? = nil
  ) throws(Failure) -> [Block] {
    guard text.utf8.starts(with: header.utf8), text.utf8.last == UInt8(ascii: "\n") else {
      throw refused(line: 1)
    }
    // The first line is the header; what follows the last line end is empty.
    let lines = text.utf8.parts(by: "\n").dropLast()
    var blocks: [Block] = []
    var places: [String: Int] = [:]
    var notes: [Int: (line: Substring, number: Int)] = [:]
    var section: [Int] = []
    var index = 1
    while index < lines.count {
      let line = lines[lines.startIndex + index]
      if line.isEmpty {
        let rest = lines[(lines.startIndex + index + 1)...]
        guard let head = Head(rest, for: reader) else { throw refused(line: index + 2) }
        section = head.aliases.map { alias in
          if let place = places[alias] { return place }
          places[alias] = blocks.count
          blocks.append(Block(alias: alias, settings: []))
          return blocks.count - 1
        }
        index += 1 + head.length
      } else if line.starts(with: "Match ".utf8), section.count == 1 {
        notes[section[0]] = (Substring(line), index + 1)
        section = []
        index += 1
      } else {
        guard !section.isEmpty, let setting = Setting(line: line) else {
          throw refused(line: index + 1)
        }
        for place in section { blocks[place].settings.append(setting) }
        index += 1
      }
    }
    // Only now are the settings that a block shares with others known.
    for (place, note) in notes {
      guard let own = LoginNote(blocks[place], program: program),
        note.line.utf8.elementsEqual(own.line.utf8)
      else { throw refused(line: note.number) }
    }
    return blocks
  }

  /// The lines that begin a section.
  private struct Head {
    let aliases: [String]
    /// In lines.
    let length: Int

    init?(_ lines: ArraySlice<Substring.UTF8View>, for reader: Reader) {
      guard let first = lines.first, first.starts(with: "Host ".utf8) else { return nil }
      let words = first.dropFirst("Host ".utf8.count)
      aliases = words.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
        String(Substring($0))
      }
      guard aliases.allSatisfy({ Alias.broken(by: $0) == nil }) else { return nil }
      let expected = Section(aliases: aliases, settings: []).heads(for: reader)
      length = expected.count
      guard lines.count >= length,
        zip(lines, expected).allSatisfy({ $0.elementsEqual($1.utf8) })
      else { return nil }
    }
  }
}
