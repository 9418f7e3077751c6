import SystemIO

@testable import Configuration
@testable import Providers

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// JSON of any shape, deep, wide or long, becomes an answer within its bounds, or a failure that can be
/// shown; what that costs stays small; and no key is left in it, however it was spelled.
enum JSONTarget {
  private static let secret = "pit_0123/456789"
  nonisolated(unsafe) private static let secrets: Secrets = {
    let all = Secrets()
    all.add(secret)
    return all
  }()
  /// As much as is read of an answer.
  private static let largest = 1 << 20
  /// Of the processor, in seconds, for one answer: sanitizers take twice to four times as long.
  private static let timeout = 0.5

  private static let pieces = [
    "[", "]", "{", "}", "{\"a\":", "\"items\":[", "\"detail\":[", "\"loc\":", "\"msg\":",
    "\"errors\":", "1,",
    "{},", "[],", "\"x\",", "null,", "1e308,", "-0.5,", "9", " ", "\"", "\\u0041", "\\ud83d\\ude80",
    "\\", "\u{301}", "\"message\":\"", "\"retry_after_ms\":", ",", ":", "true", secret,
    "pit_0123\\/456789",
    "pit_", "\\u0070it_0123\\/45678", "\"machine_id\":\"", "\"session_id\":\"", "\u{202e}",
  ].map { Array($0.utf8) }

  static func run(_ input: [UInt8]) {
    var decisions = Decisions(input)
    let isPlain = decisions.byte() & 1 == 0
    let body = isPlain ? Array(decisions.rest) : shape(&decisions)
    let begin = processorTime()
    let response = HTTPResponse(status: 400, body: body, without: secrets)
    let refusal = ErrorResponse(response).refusal(
      hints: ProviderHints(provider: "Anybody", denied: "", notFound: ""))
    read(response)
    let spent = processorTime() - begin
    promise(spent < timeout, "\(body.count) bytes took \(spent) s")
    let words = secrets.struck(refusal.failure.message)
    promise(words.sanitized(limit: .max) == words, "not showable: \(words.debugDescription)")
    promise(words.utf8.count <= 4096, "\(words.utf8.count) bytes of words")
    promise(!words.contains(secret), "the key is shown")
    if case .success(let value) = response.json {
      var count = 0
      check(value, depth: 0, &count)
      promise(count <= JSONValue.Limit.values, "\(count) values")
    }
  }

  /// Pieces, each again and again.
  private static func shape(_ decisions: inout Decisions) -> [UInt8] {
    var body: [UInt8] = []
    while !decisions.isAtEnd, body.count < largest {
      let piece = pieces[decisions.number(below: pieces.count)]
      let times = [1, 1, 1, 2, 7, 31, 32, 33, 500, 7692, 20_000, largest][
        decisions.number(below: 12)]
      for _ in 0..<min(times, (largest - body.count) / piece.count) { body += piece }
    }
    return body
  }

  private static func read(_ response: HTTPResponse) {
    do throws(Failure) {
      let answer = try Answer(response.json, step: "read")
      _ = try answer.textIfAny("message")
      _ = try answer.millisecondsIfAny("retry_after_ms")
      for item in try answer.objects("items") { _ = try item.text("machine_id") }
    } catch {
      promiseShowable(error, kinds: [.invalidResponse])
    }
  }

  private static func check(_ value: JSONValue, depth: Int, _ count: inout Int) {
    count += 1
    promise(depth <= JSONValue.Limit.depth, "\(depth) levels")
    switch value {
    case .string(let text): promise(!text.contains(secret), "the key is left in a text")
    case .array(let list): for item in list { check(item, depth: depth + 1, &count) }
    case .object(let members):
      for (name, item) in members {
        promise(!name.contains(secret), "the key is left in a name")
        check(item, depth: depth + 1, &count)
      }
    default: break
    }
  }

  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
