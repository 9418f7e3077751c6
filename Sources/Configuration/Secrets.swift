import SystemIO

/// The keys and tokens that this run has in hand. They are struck out of whatever others send: a server
/// that quotes one would bring it onto the terminal and into files.
public final class Secrets {
  /// Shorter texts would be found in words that are no secret.
  private static let shortest = 8
  private static let mark = Array("***".utf8)

  private var known: [[UInt8]] = []
  /// Finds the secrets that need not be used in this run, when the first text arrives.
  private var collect: (() -> [String])?

  /// - Parameter collect: called once, before the first text is read.
  public init(collect: (() -> [String])? = nil) {
    self.collect = collect
  }

  deinit {
    for index in known.indices { known[index].wipe() }
  }

  /// Strikes one more out from now on, as it is and as a URL has it. One of fewer than eight bytes is left alone: it
  /// may be a part of any word.
  public func add(_ secret: String) {
    guard secret.utf8.count >= Self.shortest else { return }
    for bytes in [secret, secret.percentEncoded].map({ Array($0.utf8) }) {
      if !known.contains(bytes) { known.append(bytes) }
    }
    // One that holds another goes first, or a part of it would stay.
    known.sort { $0.count > $1.count }
  }

  /// Finds the secrets now, while the files that hold them can still be read.
  public func gather() {
    for secret in collect.take()?() ?? [] { add(secret) }
  }

  /// Replaces each secret by `***`.
  func strike(_ bytes: inout [UInt8]) {
    gather()
    for secret in known { Self.strike(secret, from: &bytes) }
  }

  /// The text with each secret replaced.
  public func struck(_ text: String) -> String {
    var bytes = Array(text.utf8)
    strike(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// In one pass, whatever stands there: a server may send nothing but keys, or nothing but their
  /// beginnings (Knuth, Morris and Pratt, "Fast pattern matching in strings").
  private static func strike(_ secret: [UInt8], from bytes: inout [UInt8]) {
    guard bytes.count >= secret.count, let first = secret.first else { return }
    let borders = borders(of: secret)
    var result: [UInt8] = []
    var (copied, place, matched) = (0, 0, 0)
    while place < bytes.count {
      if matched == 0 {
        guard let found = bytes[place...].firstIndex(of: first) else { break }
        place = found
      }
      while matched > 0, bytes[place] != secret[matched] { matched = borders[matched - 1] }
      if bytes[place] == secret[matched] { matched += 1 }
      place += 1
      guard matched == secret.count else { continue }
      result += bytes[copied..<(place - matched)]
      result += mark
      (copied, matched) = (place, 0)
    }
    if copied > 0 { bytes = result + bytes[copied...] }
  }

  /// For each of its beginnings the length of the longest one that is also its end.
  private static func borders(of secret: [UInt8]) -> [Int] {
    var result = [0]
    for byte in secret.dropFirst() {
      var length = result[result.count - 1]
      while length > 0, secret[length] != byte { length = result[length - 1] }
      result.append(secret[length] == byte ? length + 1 : 0)
    }
    return result
  }
}
