import SystemIO
import Testing

@testable import Providers

/// What the fuzz target `answers` found.
@Suite struct FuzzAnswersTests {
  /// A number that no Int holds stood where FastAPI puts an index, and ended the program.
  @Test(arguments: ["1e300", "-1e300", "9223372036854775808", "0.5"])
  func aNumberBeyondAnyIntegerIsNoPlace(_ number: String) {
    let body = #"{"detail":[{"loc":["body",\#(number)],"msg":"too large"}]}"#
    let answer = ErrorResponse(HTTPResponse(status: 422, body: Array(body.utf8)))
    let words = answer.words ?? ""
    #expect(words.hasPrefix("body"))
    #expect(words.hasSuffix("too large"))
  }

  @Test func aPauseBeyondAnyIntegerIsADay() {
    let body = #"{"message":"later","retry_after_ms":1e300}"#
    let answer = ErrorResponse(HTTPResponse(status: 429, body: Array(body.utf8)))
    #expect(answer.retryAfter == 86_400_000)
  }
}
