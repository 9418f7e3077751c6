public import Foundation

/// An answer of the scripted API, and how it is sent.
public struct Reply: Sendable {
  public enum Manner: Sendable {
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

  public var bytes: [UInt8]
  public var manner = Manner.whole

  public init(raw bytes: [UInt8], _ manner: Manner = .whole) {
    self.bytes = bytes
    self.manner = manner
  }

  public init(raw text: String, _ manner: Manner = .whole) {
    self.init(raw: Array(text.utf8), manner)
  }

  public init(
    _ status: Int, _ body: [UInt8], type: String = "application/json", headers: [String] = []
  ) {
    let head = [
      "HTTP/1.1 \(status) Whatever", "Content-Type: \(type)", "Content-Length: \(body.count)",
      "Connection: close",
    ]
    let text = (head + headers + ["", ""]).joined(separator: "\r\n")
    self.init(raw: Array(text.utf8) + body)
  }

  public init(
    _ status: Int, _ body: String, type: String = "application/json", headers: [String] = []
  ) {
    self.init(status, Array(body.utf8), type: type, headers: headers)
  }

  public func sent(_ manner: Manner) -> Reply {
    var copy = self
    copy.manner = manner
    return copy
  }

  public func send(to connection: Connection) {
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

extension Date {
  /// As the header `Date` has it (RFC 9110, section 5.6.7).
  public var inHTTP: String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.string(from: self)
  }
}
