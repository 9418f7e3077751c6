import Foundation

/// What was answered to each `Idempotency-Key`.
struct IdempotencyLedger: Sendable {
  private struct Entry {
    var fingerprint: String
    /// `nil` while the first request with the key is being carried out.
    var answer: Answer?
  }

  private var entries: [String: Entry] = [:]

  /// - Returns: the earlier answer to the same request, `nil` when this is the first.
  /// - Throws: `Refused` when the key is in flight, or was used for another request.
  mutating func begin(_ key: String, _ request: Incoming) throws -> Answer? {
    let fingerprint = Self.fingerprint(of: request)
    guard let entry = entries[key] else {
      entries[key] = Entry(fingerprint: fingerprint)
      return nil
    }
    guard entry.fingerprint == fingerprint else {
      throw Refused(
        409,
        [
          "error_code": "IDEMPOTENCY_KEY_REUSED",
          "message": "idempotency key reused with different request parameters",
          "retryable": false,
          "details": [
            "expected_request_hash": .string(entry.fingerprint),
            "provided_request_hash": .string(fingerprint),
          ],
        ])
    }
    guard let answer = entry.answer else {
      throw Refused(
        429,
        [
          "error_code": "RATE_LIMITED", "message": "idempotency key is already in-flight",
          "retryable": true, "retry_after_ms": 250,
        ])
    }
    return answer
  }

  /// - Parameter answer: `nil` when the request failed: the key may be used again.
  mutating func end(_ key: String, _ answer: Answer?) {
    if let answer { entries[key]?.answer = answer } else { entries[key] = nil }
  }

  /// FNV-1a, enough to tell requests apart.
  private static func fingerprint(of request: Incoming) -> String {
    let bytes = Data("\(request.method) \(request.path)\n".utf8) + request.body
    let hash = bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
