import Foundation

/// An answer of the scripted API, and how it is sent.
struct Reply: Sendable {
  enum Manner: Sendable {
    case whole
    /// Ends after so many bytes of head and body, with FIN or with RST.
    case cut(Int)
    case reset(Int)
    /// Eight bytes at a time, with such a pause in milliseconds.
    case drip(Double)
    /// Never; the connection stays open.
    case silent
    /// The same again and again until nobody takes it.
    case endless
    /// So many bytes once, and what follows them again and again.
    case endlessTail(Int)
  }

  var bytes: [UInt8]
  var manner = Manner.whole

  init(raw bytes: [UInt8], _ manner: Manner = .whole) {
    self.bytes = bytes
    self.manner = manner
  }

  init(raw text: String, _ manner: Manner = .whole) {
    self.init(raw: Array(text.utf8), manner)
  }

  init(
    _ status: Int, _ body: [UInt8], type: String = "application/json", headers: [String] = []
  ) {
    let head = [
      "HTTP/1.1 \(status) Whatever", "Content-Type: \(type)", "Content-Length: \(body.count)",
      "Connection: close",
    ]
    let text = (head + headers + ["", ""]).joined(separator: "\r\n")
    self.init(raw: Array(text.utf8) + body)
  }

  init(_ status: Int, _ body: String, type: String = "application/json", headers: [String] = []) {
    self.init(status, Array(body.utf8), type: type, headers: headers)
  }

  func sent(_ manner: Manner) -> Reply {
    var copy = self
    copy.manner = manner
    return copy
  }

  func send(to connection: Connection) {
    switch manner {
    case .whole: connection.write(bytes)
    case .cut(let end): connection.write(bytes.prefix(end))
    case .reset(let end):
      connection.write(bytes.prefix(end))
      connection.reset()
    case .drip(let pause):
      for start in stride(from: 0, to: bytes.count, by: 8) {
        guard connection.write(bytes[start...].prefix(8)) else { return }
        Thread.sleep(forTimeInterval: pause / 1000)
      }
    case .silent: _ = connection.read()
    case .endless: while connection.write(bytes) {}
    case .endlessTail(let start):
      connection.write(bytes.prefix(start))
      while connection.write(bytes[start...]) {}
    }
  }
}

/// A request that the scripted API was sent.
struct APIRequest: Sendable {
  let method: String
  /// Without its query, percent-encoded as it came.
  let path: String
  /// What follows the `?`, as it came.
  let query: String
  let head: String
  let body: [UInt8]

  /// Reads one request; `nil` when none comes.
  init?(from connection: Connection) {
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
    let words = head.prefix { $0 != "\r\n" && $0 != "\r" }.split(separator: " ")
    guard words.count >= 2 else { return nil }
    method = String(words[0])
    path = String(words[1].prefix { $0 != "?" })
    query = String(words[1].dropFirst(path.count + 1))
  }

  func header(_ name: String) -> String? { Self.header(name, in: head) }

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
  func parameter(_ name: String) -> String? {
    for part in query.split(separator: "&") where part.hasPrefix("\(name)=") {
      return String(part.dropFirst(name.count + 1))
    }
    return nil
  }

  /// A member of the JSON body.
  func field(_ name: String) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    return object?[name] as? String
  }
}
