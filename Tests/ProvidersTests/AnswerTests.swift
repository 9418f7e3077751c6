import SystemIO
import TestSupport
import Testing

@testable import Providers

@Suite struct TimeTests {
  @Test(arguments: [
    ("2026-01-02T03:04:05Z", 1_767_323_045), ("2026-01-02T03:04:05.123456Z", 1_767_323_045),
    ("2026-01-02T03:04:05.999999999Z", 1_767_323_045),
    ("2026-01-02T03:04:05+00:00", 1_767_323_045), ("2026-01-02T04:04:05+01:00", 1_767_323_045),
    ("2026-01-01T22:04:05-05:00", 1_767_323_045), ("2026-01-02T03:04:05.5+00:00", 1_767_323_045),
    ("2026-01-02t03:04:05z", 1_767_323_045),
    // RFC 3339 allows the space; Python's str() writes it.
    ("2026-01-02 03:04:05+00:00", 1_767_323_045), ("2026-01-02 03:04:05.5Z", 1_767_323_045),
    // What Python's isoformat() gives of a time without a zone.
    ("2026-01-02T03:04:05", 1_767_323_045), ("2026-01-02T03:04:05.123456", 1_767_323_045),
    ("2024-02-29T23:59:59Z", 1_709_251_199),
  ])
  func read(_ text: String, _ seconds: Int64) throws {
    #expect(try Answer.time(text, field: "expires_at", step: "try") == seconds)
  }

  @Test(arguments: [
    "", "soon", "2026", "2026-01-02", "03:04:05Z", "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z",
    "2026-01-02T25:04:05Z", "1767323045", "2026-01-02T03:04:05Zx", "-2026-01-02T03:04:05Z",
    "1960-01-02T03:04:05Z", "2026-01-02T03:04:05+99:99",
    "2026-01-02T03:04:05." + String(repeating: "1", count: 100) + "Z",
  ])
  func refused(_ text: String) {
    let found = failure { try Answer.time(text, field: "expires_at", step: "try") }
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message.contains("\"expires_at\"") == true)
  }
}

@Suite struct MachineListTests {
  private func page(_ size: Int) -> HTTPResponse {
    HTTPResponse(status: 200, body: Array(repeating: 0x20, count: size))
  }

  private func machines(_ count: Int) -> [Machine] {
    (0..<count).map { Machine(id: "m\($0)", state: "s", created: nil) }
  }

  @Test func endsWithTheLastPage() {
    var list = MachineList()
    let first = list.add(machines(2), of: page(100), hasMore: true)
    let second = list.add(machines(1), of: page(100), hasMore: false)
    #expect(first && !second)
    #expect(list.machines.count == 3 && !list.isCut)
  }

  @Test(arguments: [(1, 100), (1 << 20, 1)])
  func pagesAndBytesAreBounded(_ size: Int, _ count: Int) {
    var list = MachineList()
    var asked = 1
    while list.add(machines(count), of: page(size), hasMore: true) { asked += 1 }
    #expect(list.isCut)
    #expect(asked == min(100, 16 << 20 / size, 5000 / count))
    #expect(list.machines.count == asked * count)
  }

  @Test(arguments: [(5000, false, false), (5000, true, true), (5001, false, true)])
  func machinesAreBounded(_ count: Int, _ hasMore: Bool, _ isCut: Bool) {
    var list = MachineList()
    let goesOn = list.add(machines(count), of: page(1), hasMore: hasMore)
    #expect(!goesOn)
    #expect(list.machines.count == 5000 && list.isCut == isCut)
  }
}

@Suite struct DecodingTests {
  private func read(_ text: String) throws(Failure) {
    let response = HTTPResponse(status: 200, body: Array(text.utf8))
    let answer = try Answer(response.json, step: "try")
    _ = try answer.text("name")
    _ = try answer.object("inner").int("port")
    _ = try answer.objects("list").map { (item) throws(Failure) in try item.flag("on") }
    _ = try (answer.textIfAny("more"), answer.millisecondsIfAny("wait"))
  }

  @Test(arguments: [
    (
      #"{"name": "a", "inner": {"port": "x"}}"#, "\"inner.port\" in the answer is of the wrong type"
    ),
    (#"{"name": "a", "inner": {}}"#, "lacks \"inner.port\""), (#"{"name": 5}"#, "\"name\""),
    (#"{"inner": {"port": 1}}"#, "lacks \"name\""), (#"{"name": null}"#, "\"name\""),
    ("[]", "JSON object"), ("5", "JSON object"), ("", "not JSON"), ("{", "not JSON"),
    ("<html>", "not JSON"), ("\u{0}", "not JSON"),
    (
      #"{"name": "a", "inner": {"port": 1e99}}"#,
      "\"inner.port\" in the answer is not a whole number"
    ),
    (
      #"{"name": "a", "inner": {"port": 22.5}}"#,
      "\"inner.port\" in the answer is not a whole number"
    ),
    (#"{"name": "a", "inner": 7}"#, "\"inner\" in the answer is of the wrong type"),
    (#"{"name": "a", "inner": {"port": 1}, "list": [{}]}"#, "lacks \"list.0.on\""),
    (#"{"name": "a", "inner": {"port": 1}, "list": [3]}"#, "\"list.0\""),
    (#"{"name": "a", "inner": {"port": 1}, "list": [], "more": 1}"#, "\"more\""),
  ])
  func problemsNameTheField(_ text: String, _ words: String) {
    let found = failure { try read(text) }
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message.contains(words) == true, "\(found?.message ?? "")")
  }

  @Test(arguments: [
    #"{"name": "a", "inner": {"port": 1}, "list": [{"on": true}]}"#,
    #"{"name": "a", "inner": {"port": 22.0}, "list": [], "more": null, "wait": 1e400}"#,
    "\u{feff}{\"name\":\"\",\"inner\":{\"port\":-0},\"list\":[]}\r\n\t ",
  ])
  func whatIsWhole(_ text: String) throws {
    try read(text)
  }

  /// An answer of a million brackets is no reason to fall.
  @Test(arguments: ["[", "{\"a\":"])
  func depth(_ opening: String) {
    let text = String(repeating: opening, count: 200_000)
    let found = failure { try read(text) }
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message == "the answer is nested more than 32 levels deep")
  }
}

@Suite struct RefusalTests {
  private func answer(_ body: String, _ status: Int = 422) -> ErrorResponse {
    ErrorResponse(HTTPResponse(status: status, body: Array(body.utf8)))
  }

  /// Each provider's shapes, from their documents.
  @Test(arguments: [
    (#"{"errors": [{"param": "ttl_seconds", "details": "too long"}]}"#, "ttl_seconds: too long"),
    (
      #"{"errors": [{"param": "a", "details": "b"}, {"param": "c", "details": "d"}]}"#, "a: b; c: d"
    ),
    (#"{"detail": "Invalid or missing API key"}"#, "Invalid or missing API key"),
    (
      #"{"detail": [{"loc": ["body", "ttl_seconds"], "msg": "too big", "type": "x"}]}"#,
      "body.ttl_seconds: too big"
    ),
    (
      #"{"error_code": "RATE_LIMITED", "message": "slow down", "retryable": true}"#,
      "slow down (RATE_LIMITED)"
    ),
    (#"{"error_code": "RATE_LIMITED", "message": ""}"#, "(RATE_LIMITED)"),
    (#"{"error_code": "", "message": "slow down"}"#, "slow down"),
    (#"{"title": "Not Found", "status": 404, "detail": "machine not found"}"#, "machine not found"),
    (
      #"{"title": "T", "detail": "d", "errors": [{"location": "path.id", "message": "bad"}]}"#,
      "path.id: bad"
    ),
    (#"{"message": "Instance not found"}"#, "Instance not found"),
    (#"{"message": "a\u001b[31m\nb"}"#, "a?[31m?b"),
  ])
  func words(_ body: String, _ expected: String) {
    #expect(answer(body).words == expected)
  }

  @Test(arguments: ["", "[]", "{}", "<html>", #"{"message": 5}"#, #"{"detail": []}"#])
  func noWords(_ body: String) {
    #expect(answer(body).words == nil)
  }

  @Test(arguments: [
    (#"{"errors": [{"param": "public_key", "details": "x"}]}"#, true),
    (#"{"errors": [{"param": "body.public_key", "details": "x"}]}"#, true),
    (#"{"detail": [{"loc": ["body", "public_key"], "msg": "x"}]}"#, true),
    (#"{"errors": [{"param": "ttl_seconds", "details": "public_key"}]}"#, false),
    (#"{"detail": "public_key"}"#, false), ("public_key", false),
  ])
  func complaintsAboutAField(_ body: String, _ isAbout: Bool) {
    #expect(answer(body).names(field: "public_key") == isAbout)
  }

  @Test(
    arguments: [
      (#"{"retry_after_ms": 250}"#, 250), (#"{"retry_after_ms": -5}"#, 0),
      (#"{"retry_after_ms": 1e300}"#, 86_400_000), (#"{"retry_after_ms": "5"}"#, nil), ("{}", nil),
    ] as [(String, Int?)])
  func waits(_ body: String, _ milliseconds: Int?) {
    #expect(answer(body, 429).retryAfter == milliseconds)
  }

  /// `wait 0 s` would be no advice.
  @Test(arguments: [("250", "wait 1 s and run it again"), ("1001", "wait 2 s and run it again")])
  func saysHowLong(_ milliseconds: String, _ hint: String) {
    let hints = ProviderHints(provider: "P", denied: "d", notFound: "u")
    func found(_ wait: String) -> Failure {
      answer("{\"retry_after_ms\": \(wait)}", 429).refusal(hints: hints).failure
    }
    #expect(found(milliseconds).hint == hint)
    #expect(found("0").hint == nil && found("0").advice.contains("run it again"))
  }
}
