import Foundation

/// A request that was made, for tests to look at.
struct RequestRecord: Sendable {
  var request: Incoming
  var began: Date
  var ended: Date?
  var status = 0

  private static let selected = [
    "authorization", "x-api-key", "x-dedalus-org-id", "x-daytona-organization-id",
    "idempotency-key", "content-type", "accept",
    "user-agent", "host", "connection",
  ]

  /// As `GET /_simulator/requests` tells it; secrets are kept, since tests compare them.
  func json(since start: Date) -> JSON {
    let text = String(decoding: request.body, as: UTF8.self)
    return [
      "method": .string(request.method),
      "path": .string(request.path),
      "query": .object(
        Dictionary(request.query.map { ($0.name, .string($0.value)) }) { first, _ in first }),
      "headers": .object(
        request.headers.filter { Self.selected.contains($0.key) }.mapValues { .string($0) }),
      "body": (try? JSON(parsing: request.body)) ?? .string(text),
      "status": .integer(status),
      "time_ms": .integer(Self.milliseconds(from: start, to: began)),
      "duration_ms": ended.map { .integer(Self.milliseconds(from: began, to: $0)) } ?? .null,
    ]
  }

  var line: String {
    let duration = Self.milliseconds(from: began, to: ended ?? began)
    return "\(Timestamp.seconds(began)) \(request.method) \(request.path) \(status) \(duration) ms"
  }

  private static func milliseconds(from start: Date, to end: Date) -> Int {
    Int((end.timeIntervalSince(start) * 1000).rounded())
  }
}

/// RFC 3339 times, as the providers write them.
enum Timestamp {
  /// As Go writes them: `2026-11-21T07:47:46Z`.
  static func seconds(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle())
  }

  /// As Python writes them: `2026-11-21T07:47:46.123000+00:00`.
  static func microseconds(_ date: Date) -> String {
    let text = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    return text.dropLast() + "000+00:00"
  }
}
