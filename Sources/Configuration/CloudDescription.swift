internal import Grammar
internal import SystemIO

/// A cloud without code: a table `[providers.NAME]` says how it is asked for a machine, and where in the
/// answer (JSON Pointer, RFC 6901) its address stands.
public struct CloudDescription: Sendable, Equatable {
  /// A value that is always the same, or its place in the answer.
  public enum Source<Value: Sendable & Equatable>: Sendable, Equatable {
    case constant(Value)
    case place(JSONPointer)
  }

  /// The scheme and the host of its URL.
  let baseURL: String
  /// The segments of the URL's path below the base; `{id}` stands for the machine's id.
  public let path: [String]
  /// The same for what follows the `?`; empty for nothing.
  public let query: String
  /// Where the answer says whose it is; `nil` where it does not.
  public let id: JSONPointer?
  /// Where the answer has the address.
  public let host: JSONPointer
  /// 1 to 65535; 22 where the table does not say.
  public let port: Source<Int>
  /// The login.
  public let user: Source<String>
  /// Where the answer has the machine's state.
  public let state: JSONPointer
  /// The states in which one can log in; at least one.
  public let ready: Set<String>
  /// The states that pass by themselves.
  public let waiting: Set<String>
  /// The states in which nobody can log in, and that do not pass.
  public let gone: Set<String>

  /// How it lists its machines; `nil` where it does not.
  public let list: CloudList?

  /// All of it that leads to a machine, as a text: a session is for another target when it changes.
  let meaning: String

  static let keys =
    [
      "url", "header", "id", "host", "port", "user", "state", "ready", "waiting", "gone",
    ] + CloudList.keys

  /// What the URL's place for the id is called.
  public static let idMark = "{id}"
  private static let keyMark = "{key}"

  /// - Throws: `.configuration`, naming the line.
  init(_ section: TOMLSection) throws(Failure) {
    (baseURL, path, query) = try Self.url(section)
    id = try section.has("id") ? Self.pointer("id", section) : nil
    host = try Self.pointer("host", section)
    port = try Self.port(section)
    user = try Self.user(section)
    state = try Self.pointer("state", section)
    ready = try Self.states("ready", section)
    guard !ready.isEmpty else { throw section.missing("ready") }
    waiting = try Self.states("waiting", section)
    gone = try Self.states("gone", section)
    list = try CloudList(section, at: baseURL)
    meaning = "\(path) \(query) \(host.text) \(port) \(user) \(state.text) \(ready.sorted())"
  }

  /// The base URL, and what is below it.
  /// - Parameter idCount: how often the machine's id has to stand in it.
  static func url(
    _ section: TOMLSection, _ key: String = "url", idCount: Int = 1
  ) throws(Failure) -> (base: String, path: [String], query: String) {
    let text = try section.required(key)
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let query = parts.count == 2 ? String(parts[1]) : ""
    let isPlain = query.replacing(idMark, with: "").utf8.allSatisfy {
      $0.isAlphanumeric || Array("%&,-./:=_~+".utf8).contains($0)
    }
    let segments = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    let base = segments.prefix(3).joined(separator: "/")
    guard text.ranges(of: idMark).count == idCount, !base.contains(idMark), isPlain else {
      let (wanted, last) = idCount == 1 ? ("wants {id} once", "/{id}") : ("wants no {id}", "")
      throw section.failure(
        key, "\"\(key)\"\(section.place) \(wanted), and no character that no URL has",
        hint: "write it like https://api.example.com/v1/instances\(last)")
    }
    return try section.parsed(key) { () throws(Failure) in
      // The id of a machine has no character that a URL's path cannot have.
      let origin = "\"\(key)\"\(section.place)"
      _ = try BaseURL.checked(String(parts[0].replacing(idMark, with: "ID")), origin: origin)
      return (
        try BaseURL.checked(base, origin: origin), segments.dropFirst(3).map(String.init), query
      )
    }
  }

  /// How the key is sent: `Authorization: Bearer {key}` unless the table says otherwise.
  static func header(_ section: TOMLSection) throws(Failure) -> APIKey.Header {
    guard let text = try section.string("header") else { return .bearer }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
    let before = String(value.dropLast(keyMark.count))
    let isName =
      !name.isEmpty
      && name.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
    let isWord = before.utf8.allSatisfy(\.isPrintable) && !before.contains("{")
    guard isName, isWord, value.hasSuffix(keyMark), text.utf8.count <= 256,
      before.isEmpty || before.hasSuffix(" "),
      !["host", "connection", "content-length", "transfer-encoding"].contains(name.lowercased())
    else {
      throw section.failure(
        "header",
        "\"header\"\(section.place) is not a name, a colon and a value that ends in {key}",
        hint: "write it like \"Authorization: Bearer {key}\" or \"X-API-Key: {key}\"")
    }
    if name.lowercased() == "authorization", before == "Bearer " { return .bearer }
    return before.isEmpty ? .named(name) : .scheme(before, in: name)
  }

  static func pointer(_ key: String, _ section: TOMLSection) throws(Failure) -> JSONPointer {
    guard let pointer = JSONPointer(try section.required(key)) else {
      throw section.failure(
        key, "\"\(key)\"\(section.place) is not a place in the answer",
        hint: "write it as a JSON Pointer (RFC 6901): /data/ip")
    }
    return pointer
  }

  private static func port(_ section: TOMLSection) throws(Failure) -> Source<Int> {
    if !section.has("port") { return .constant(22) }
    if section.isText("port") { return .place(try pointer("port", section)) }
    return .constant(try section.integer("port", in: Grammar.ports) ?? 22)
  }

  private static func user(_ section: TOMLSection) throws(Failure) -> Source<String> {
    let text = try section.required("user")
    if text.hasPrefix("/") { return .place(try pointer("user", section)) }
    guard Grammar.isLogin(text) else {
      throw section.failure(
        "user",
        "\"\(text.sanitized(limit: 80))\" is neither a login name nor a place in the answer",
        hint: "a place is written as a JSON Pointer (RFC 6901): /data/user")
    }
    return .constant(text)
  }

  private static func states(_ key: String, _ section: TOMLSection) throws(Failure) -> Set<String> {
    Set(try section.texts(key) ?? [])
  }
}

/// How a described cloud lists the machines that a key has access to: one call, whose answer has them all.
public struct CloudList: Sendable, Equatable {
  /// The segments of the URL's path below the cloud's base URL.
  public let path: [String]
  /// What follows the `?`; empty for nothing.
  public let query: String
  /// Where the array of the machines stands in the answer; `nil` where the answer is that array.
  public let items: JSONPointer?
  /// Where each of them has its id.
  public let id: JSONPointer
  /// Where it has the name that its owner gave it; `nil` where it has none.
  public let name: JSONPointer?
  /// Where it has its state; `nil` where the list does not say.
  public let state: JSONPointer?
  /// Where it has the model of its GPUs; `nil` where the list does not say.
  public let gpu: JSONPointer?

  static let keys = [
    "list", "list_items", "list_id", "list_name", "list_state", "list_gpu",
  ]

  /// Reads the keys of a cloud's table; `nil` where it has none of them.
  /// - Parameter base: the base URL of the call for one machine: the key is for that server.
  /// - Throws: `.configuration`, naming the line.
  init?(_ section: TOMLSection, at base: String) throws(Failure) {
    guard let first = Self.keys.first(where: section.has) else { return nil }
    guard section.has("list") else {
      throw section.failure(
        first, "\"\(first)\"\(section.place) has no effect without \"list\", the URL of the list")
    }
    let (own, path, query) = try CloudDescription.url(section, "list", idCount: 0)
    guard own == base else {
      throw section.failure(
        "list",
        "\"list\"\(section.place) is at another server than \"url\", and the key is for that")
    }
    (self.path, self.query) = (path, query)
    func place(_ key: String) throws(Failure) -> JSONPointer? {
      section.has(key) ? try CloudDescription.pointer(key, section) : nil
    }
    items = try place("list_items")
    guard let id = try place("list_id") else {
      throw section.failure(
        "list", "\"list_id\" is missing\(section.place): the place of a machine's id in an item")
    }
    self.id = id
    name = try place("list_name")
    state = try place("list_state")
    gpu = try place("list_gpu")
  }
}
