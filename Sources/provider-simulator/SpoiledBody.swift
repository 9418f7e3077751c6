import FlyingSocks
import Foundation

/// A body that comes slowly, or ends before it should: its connection is closed then.
struct SpoiledBody: AsyncBufferedSequence {
  typealias Element = UInt8

  let bytes: Data
  /// How many bytes come at all.
  let end: Int
  /// The pause before each byte; `nil`: all at once.
  let drip: Duration?

  func makeAsyncIterator() -> Iterator { Iterator(body: self) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    let body: SpoiledBody
    var position = 0

    struct CutShort: Error {}

    mutating func next() async throws -> UInt8? {
      try await nextBuffer(suggested: 1)?.first
    }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      if position == body.bytes.count { return nil }
      guard position < body.end else { throw CutShort() }
      var size = Swift.min(count, body.end - position)
      if let drip = body.drip {
        size = 1
        try await Task.sleep(for: drip)
      }
      defer { position += size }
      return Array(body.bytes.dropFirst(position).prefix(size))
    }
  }
}
