package import Configuration
import SystemIO

/// A request to a provider's API.
package struct HTTPRequest {
  package enum Method: String {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  var method: Method
  /// The base URL without a slash at its end, and the segments of the path below it.
  var base: String
  var path: [String]
  /// What follows the `?`, already encoded.
  var query = ""
  /// Names and values; the values may be secret.
  package var headers: [(name: String, value: String)] = []
  /// The header that has the key.
  var keyHeader = "Authorization"
  /// A token in the query. Like those in the headers it is struck out of answers and errors.
  var queryToken: String?
  /// A JSON text, or `nil` for no body.
  package var body: [UInt8]?

  /// The keys and tokens that it has.
  var secrets: [String] {
    // No key has a space; what is before one is the scheme.
    [queryToken].compactMap { $0 }
      + headers.filter { ["Authorization", keyHeader].contains($0.name) }
      .compactMap { $0.value.split(separator: " ").last.map(String.init) }
  }

  /// The whole URL. Each segment is percent-encoded (RFC 3986), so that an id cannot become a path.
  var url: String {
    let segments = path.map { "/" + $0.percentEncoded }.joined()
    return base + segments + (query.isEmpty ? "" : "?" + query)
  }
}

/// The answer to a request.
package struct HTTPResponse {
  package let status: Int
  /// The body, parsed once, and free of our keys and tokens.
  package let json: Result<JSONValue, JSONValue.Problem>
  /// Of the body, in bytes.
  let size: Int
  /// `Retry-After` (RFC 9110, section 10.2.3) in milliseconds, if the server sent it.
  let retryAfter: Int?
  /// `Date` in Unix seconds, if the server sent it.
  package let date: Int64?

  init(
    status: Int, body: [UInt8], retryAfter: Int? = nil, date: Int64? = nil,
    without secrets: Secrets? = nil
  ) {
    self.status = status
    size = body.count
    json = Result { () throws(JSONValue.Problem) in try JSONValue(body, without: secrets) }
    self.retryAfter = retryAfter
    self.date = date
  }
}
