import Foundation

/// A request that the scripted API was sent.
public struct APIRequest: Sendable {
  /// The request line.
  public let line: String
  public let method: String
  /// Without its query, percent-encoded as it came.
  public let path: String
  /// What follows the `?`, as it came.
  public let query: String
  public let head: String
  public let body: [UInt8]

  /// Reads one request; `nil` when none comes.
  public init?(from connection: Connection) {
    var bytes: [UInt8] = []
    let end = Data("\r\n\r\n".utf8)
    while Data(bytes).range(of: end) == nil {
      let more = connection.read()
      guard !more.isEmpty, bytes.count < 1 << 20 else { return nil }
      bytes += more
    }
    guard let split = Data(bytes).range(of: end) else { return nil }
    head = String(decoding: bytes[..<split.lowerBound], as: UTF8.self)
    var content = Array(bytes[split.upperBound...])
    let length = Self.header("content-length", in: head).flatMap { Int($0) } ?? 0
    while content.count < length {
      let more = connection.read()
      guard !more.isEmpty else { return nil }
      content += more
    }
    body = content
    line = String(head.prefix { $0 != "\r\n" && $0 != "\r" })
    let words = line.split(separator: " ")
    guard words.count >= 2 else { return nil }
    method = String(words[0])
    path = String(words[1].prefix { $0 != "?" })
    query = String(words[1].dropFirst(path.count + 1))
  }

  /// By lower-case name.
  public var headers: [String: String] {
    let pairs = head.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return parts.count == 2
        ? (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces)) : nil
    }
    return Dictionary(pairs) { "\($0),\($1)" }
  }

  public func header(_ name: String) -> String? { Self.header(name, in: head) }

  private static func header(_ name: String, in head: String) -> String? {
    for line in head.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == name {
        return parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }

  /// A parameter of the query.
  public func parameter(_ name: String) -> String? {
    for part in query.split(separator: "&") where part.hasPrefix("\(name)=") {
      return String(part.dropFirst(name.count + 1))
    }
    return nil
  }

  /// A member of the JSON body.
  public func field(_ name: String) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    return object?[name] as? String
  }
}
