import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration

/// `[providers.NAME]`, and the places that it names.
@Suite struct CloudDescriptionTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private static let usual = [
    "url": "https://api.example.com/v1/machines/{id}", "host": "/data/ip", "user": "ubuntu",
    "state": "/data/status",
  ]

  private func configuration(
    _ changed: [String: String] = [:], more: String = "ready = [\"up\"]\n"
  ) throws -> Configuration {
    let lines = Self.usual.merging(changed) { $1 }.filter { !$0.value.isEmpty }
      .map { "\($0.key) = \"\($0.value)\"\n" }.sorted()
    return try home.configuration("[providers.own]\n" + lines.joined() + more, vendors: [])
  }

  @Test func isAVendorLikeAnyOther() throws {
    let own = try configuration()
    let target = try own.target(for: Alias("m1.own"))
    #expect(target.id == "m1" && target.provider.rawValue == "own")
    #expect(try own.baseURL(of: target.provider) == "https://api.example.com")
    let facts = try #require(own.facts(of: target.provider))
    #expect(facts.keyHeader == .bearer)
    let description = try #require(facts.description)
    #expect(description.path == ["v1", "machines", "{id}"] && description.query == "")
    #expect(description.port == .constant(22) && description.user == .constant("ubuntu"))
    guard case .missing(let hint) = try own.keySource(of: target.provider) else {
      return #expect(Bool(false))
    }
    #expect(hint.contains("sshproxy login own") && hint.contains("[providers.own]"))
    let other = try configuration(["host": "/data/address"]).target(for: Alias("m1.own"))
    #expect(other.meaning != target.meaning)
  }

  @Test(arguments: [
    ("Authorization: Bearer {key}", APIKey.Header.bearer), ("X-Key: {key}", .named("X-Key")),
    ("Authorization: Token {key}", .scheme("Token ", in: "Authorization")),
  ])
  func header(_ text: String, _ header: APIKey.Header) throws {
    #expect(try configuration(["header": text]).vendors.first?.keyHeader == header)
  }

  @Test(arguments: [
    ("url", ""), ("url", "https://api.example.com/v1"), ("url", "http://api.example.com/{id}"),
    ("url", "https://{id}.example.com/"), ("url", "https://a.example/{id}/{id}"),
    ("url", "https://a.example/../{id}"), ("url", "https://me@a.example/{id}"),
    ("url", "https://a.example/{id}#x"), ("url", "https://a.example/?q={id} x"),
    ("host", ""), ("host", "data/ip"), ("host", "/data/~2"), ("user", "-oProxyCommand=x"),
    ("user", ""), ("port", "data"), ("state", ""), ("header", "{key}"), ("header", "X: a"),
    ("header", "X: {key} b"), ("header", "Host: {key}"), ("header", "X Y: {key}"),
    ("header", "X: a\\nY: {key}"), ("suffix", "a b"), ("base_url", "https://a.example"),
  ])
  func whatIsWrongIsNamedWithItsLine(_ key: String, _ value: String) throws {
    do {
      _ = try configuration([key: value])
      Issue.record("\(key) = \(value) was taken")
    } catch let failure as Failure {
      #expect(failure.kind == .configuration)
      #expect(failure.message.contains(key) || failure.message.contains(value), "\(failure)")
    }
  }

  private static let list = [
    "list": "https://api.example.com/v1/machines?limit=100", "list_items": "/data",
    "list_id": "/id", "list_name": "/name",
  ]

  @Test func listsWhatItSays() throws {
    let facts = try #require(try configuration(Self.list).vendors.first)
    let list = try #require(facts.description?.list)
    #expect(list.path == ["v1", "machines"] && list.query == "limit=100")
    #expect(list.items?.text == "/data" && list.id.text == "/id" && list.state == nil)
    #expect(facts.hasNames)
    let nameless = try #require(try configuration(Self.list + ["list_name": ""]).vendors.first)
    #expect(!nameless.hasNames && nameless.description?.list != nil)
    #expect(try configuration().vendors.first?.description?.list == nil)
    // It leads to no machine.
    let alias = try Alias("m1.own")
    #expect(
      try configuration(Self.list).target(for: alias).meaning
        == configuration().target(for: alias).meaning)
  }

  @Test(arguments: [
    ("list", ""), ("list_id", ""), ("list_id", "id"), ("list_items", "data"), ("list_name", "/~"),
    ("list", "https://api.example.com/v1/{id}"), ("list", "https://evil.example/v1/machines"),
    ("list", "https://api.example.com:8443/v1/machines"), ("list", "http://api.example.com/v1"),
    ("list", "https://api.example.com/../x"), ("list", "https://api.example.com/v1?a b"),
  ])
  func whatIsWrongOfAListIsNamed(_ key: String, _ value: String) throws {
    do {
      _ = try configuration(Self.list + [key: value])
      Issue.record("\(key) = \(value) was taken")
    } catch let failure as Failure {
      #expect(failure.kind == .configuration && failure.message.contains("list"), "\(failure)")
    }
  }

  @Test func statesAndNamesAreChecked() throws {
    for more in ["", "ready = []\n", "ready = \"up\"\n", "ready = [\"up\"]\nport = 0\n"] {
      #expect(throws: Failure.self) { try configuration(more: more) }
    }
    for name in ["static", "hosts", "Own", "a b"] {
      #expect(throws: Failure.self) {
        try home.configuration("[providers.\"\(name)\"]\n", vendors: [])
      }
    }
  }

  /// The examples of RFC 6901, section 5, but for the whole text.
  @Test(arguments: [
    ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"), ("/ ", "7"),
    ("/m~0n", "8"), ("/foo/00", ""), ("/foo/-", ""), ("/foo/2", ""), ("/none", ""), ("/~01", "9"),
  ])
  func pointer(_ text: String, _ wanted: String) throws {
    let json = try JSONValue(
      Array(
        #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3," ":7,"m~n":8,"~1":9}"#.utf8))
    let found = try #require(JSONPointer(text)).value(in: json)
    #expect(try found == (wanted.isEmpty ? nil : JSONValue(Array(wanted.utf8))))
  }

  @Test func whatIsNoPointer() {
    for text in ["", "a", "a/b", "/~", "/~2", "/a~", "/~~01"] { #expect(JSONPointer(text) == nil) }
  }
}

extension [String: String] {
  fileprivate static func + (all: Self, changed: Self) -> Self { all.merging(changed) { $1 } }
}
