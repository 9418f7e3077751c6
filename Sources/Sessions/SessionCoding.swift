public import Grammar
public import OpenSSH
import SystemIO

// What a session is made of, as the text that people know, so that reading it back is parsing it again.

extension HostAndPort: Codable {
  public init(from decoder: any Decoder) throws {
    self = try HostAndPort(try String(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws { try text.encode(to: encoder) }
}

extension JumpHost: Codable {
  public init(from decoder: any Decoder) throws {
    guard let host = JumpHost(try String(from: decoder)) else {
      throw Failure(.invalidResponse, "a stored jump host cannot be read")
    }
    self = host
  }

  public func encode(to encoder: any Encoder) throws { try text.encode(to: encoder) }
}

extension PublicKey: Codable {
  public init(from decoder: any Decoder) throws {
    self = try PublicKey(line: try String(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws { try line.encode(to: encoder) }
}

extension Certificate: Codable, Equatable {
  public init(from decoder: any Decoder) throws {
    self = try Certificate(line: try String(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws { try line.encode(to: encoder) }

  public static func == (one: Certificate, other: Certificate) -> Bool { one.blob == other.blob }
}

extension Setting: Codable {
  private enum CodingKeys: String, CodingKey { case keyword, value }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try fields.decode(Keyword.self, forKey: .keyword),
      try fields.decode(String.self, forKey: .value))
    // Throws for what could not be written.
    _ = try line()
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(keyword, forKey: .keyword)
    try fields.encode(value, forKey: .value)
  }
}

extension Setting.Keyword: Codable {}

extension KeyType: Codable {}

extension SecretLogin: Codable {
  public init(from decoder: any Decoder) throws { self.init(try String(from: decoder)) }

  public func encode(to encoder: any Encoder) throws { try reveal().encode(to: encoder) }
}
