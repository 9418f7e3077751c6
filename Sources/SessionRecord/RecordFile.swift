import SystemIO

/// The record as a file: a line a field, `name value`, in a fixed order, so that reading it needs
/// no parser to be loaded. Anything unexpected makes the whole file no record.
extension SessionRecord {
  /// Its name in the session's directory.
  public static let fileName = "record"
  /// No record is larger, in bytes.
  public static let sizeLimit = 16 * 1024

  private static let heading = "sshproxy record 2"

  public var fileText: String {
    var lines = [
      Self.heading, "name \(name)", "alias \(alias)", "created \(created)",
      "renew-after \(renewAfter)", "expires \(expires)", "renew-from \(renewFrom)",
      "askable \(isAskable ? "yes" : "no")", "deadline \(deadline)",
      "opening \(opening)", "route \(stream.rawValue)",
      "credentials \(bringsCredentials ? "yes" : "no")", "endpoint \(endpoint)",
      "preamble \(Hexadecimal.encode(preamble))",
      "directory \(Hexadecimal.encode(Array((directory ?? "").utf8)))",
      "through \(PassageText.encode(passage))",
    ]
    lines += addresses.map { "address \($0.host) \($0.port)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Returns: `nil` when the bytes are not a record that this version wrote.
  public init?(fileBytes bytes: [UInt8]) {
    guard bytes.count <= Self.sizeLimit, bytes.last == UInt8(ascii: "\n") else { return nil }
    var lines = RecordLines(bytes)
    guard lines.next() == Self.heading,
      let name = lines.value(of: "name"), let alias = lines.value(of: "alias"),
      let created = lines.number(of: "created"), let renewAfter = lines.number(of: "renew-after"),
      let expires = lines.number(of: "expires"), let renewFrom = lines.number(of: "renew-from"),
      let askable = lines.value(of: "askable"), ["yes", "no"].contains(askable),
      let deadline = lines.number(of: "deadline"),
      let opening = lines.number(of: "opening"),
      let stream = lines.value(of: "route").flatMap(Stream.init(rawValue:)),
      let credentials = lines.value(of: "credentials"), ["yes", "no"].contains(credentials),
      let endpoint = lines.value(of: "endpoint"),
      let preamble = lines.value(of: "preamble").flatMap(Hexadecimal.decode),
      let directory = lines.value(of: "directory").flatMap(Hexadecimal.decode),
      let passage = lines.value(of: "through").flatMap(PassageText.decode),
      let deadline = Int(exactly: deadline), let opening = Int(exactly: opening)
    else { return nil }
    var addresses: [SocketAddress] = []
    while let line = lines.next() {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "address", let port = UInt16(words[2]),
        let address = SocketAddress(host: String(words[1]), port: port)
      else { return nil }
      addresses.append(address)
    }
    guard !addresses.isEmpty || stream == .indirect || passage.isCommand else { return nil }
    self.init(
      name: name, alias: alias, created: created, renewAfter: renewAfter, expires: expires,
      deadline: deadline, opening: opening, stream: stream, bringsCredentials: credentials == "yes",
      endpoint: endpoint, preamble: preamble, addresses: addresses, passage: passage.value,
      directory: directory.isEmpty ? nil : String(validating: directory, as: UTF8.self),
      renewFrom: renewFrom, isAskable: askable == "yes")
  }
}

/// The lines of a record, one after the other.
private struct RecordLines {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  mutating func next() -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(validating: rest[..<end], as: UTF8.self)
  }

  mutating func value(of name: String) -> String? {
    guard let line = next(), line.hasPrefix(name + " ") else { return nil }
    return String(line.dropFirst(name.count + 1))
  }

  mutating func number(of name: String) -> Int64? {
    guard let value = value(of: name), let number = Int64(value), number >= 0 else { return nil }
    return number
  }
}

/// A passage as the words of one line; `-` for none.
private enum PassageText {
  struct Found {
    let value: Passage?

    /// A command dials by itself, so that no address is needed.
    var isCommand: Bool {
      if case .command = value { true } else { false }
    }
  }

  static func encode(_ passage: Passage?) -> String {
    func hex(_ text: String) -> String { Hexadecimal.encode(Array(text.utf8)) }
    return switch passage {
    case nil: "-"
    case .http(let destination, let authorization):
      "http \(hex(destination.host)) \(destination.port) \(hex(authorization ?? ""))"
    case .socks5(let destination, let user, let password):
      "socks5 \(hex(destination.host)) \(destination.port) \(hex(user)) \(hex(password))"
    case .command(let text): "command \(hex(text))"
    }
  }

  static func decode(_ text: String) -> Found? {
    if text == "-" { return Found(value: nil) }
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    func word(_ index: Int) -> String? {
      Hexadecimal.decode(words[index]).flatMap { String(validating: $0, as: UTF8.self) }
    }
    func destination() -> HostAndPort? {
      guard let host = word(1), !host.isEmpty, let port = UInt16(words[2]), port > 0 else {
        return nil
      }
      return HostAndPort(host: host, port: port)
    }
    switch (words[0], words.count) {
    case ("http", 4):
      guard let destination = destination(), let authorization = word(3) else { return nil }
      return Found(
        value: .http(destination, authorization: authorization.isEmpty ? nil : authorization))
    case ("socks5", 5):
      guard let destination = destination(), let user = word(3), let password = word(4) else {
        return nil
      }
      return Found(value: .socks5(destination, user: user, password: password))
    case ("command", 2):
      guard let text = word(1), !text.isEmpty else { return nil }
      return Found(value: .command(text))
    default: return nil
    }
  }
}

/// Bytes as pairs of hexadecimal digits; `-` for none.
private enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "-" }
    let pairs = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: pairs, as: UTF8.self)
  }

  static func decode(_ text: String) -> [UInt8]? {
    if text == "-" { return [] }
    let values = text.utf8.map { digits.firstIndex(of: $0) }
    guard !values.isEmpty, values.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: values.count, by: 2) {
      guard let high = values[index], let low = values[index + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
