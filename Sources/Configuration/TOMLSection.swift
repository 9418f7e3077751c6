internal import SystemIO
internal import TOMLKit

/// One table of a TOML file, read strictly: an unknown key, and a value of the wrong type or out of
/// range, is a failure that names its line.
struct TOMLSection {
  let document: TOMLDocument
  /// The table's place in the file; empty for the top.
  let path: [String]
  private let table: TOMLTable

  init(top document: TOMLDocument) {
    self.init(document: document, path: [], table: document.root)
  }

  private init(document: TOMLDocument, path: [String], table: TOMLTable) {
    self.document = document
    self.path = path
    self.table = table
  }

  var keys: [String] { table.keys }

  func has(_ key: String) -> Bool { table[key] != nil }

  /// - Throws: `.configuration` for the first key that is not in the list.
  func allowOnly(_ known: [String]) throws(Failure) {
    for key in keys where !known.contains(key) {
      let kind = path.isEmpty ? "table or key" : "key"
      throw failure(
        key,
        "unknown \(kind) \"\(key.sanitized(limit: 60))\"\(place)"
          + Suggestion.clause(for: key, among: known))
    }
  }

  func section(_ key: String) throws(Failure) -> TOMLSection? {
    guard let value = table[key] else { return nil }
    guard let found = value.table else { throw wrongType(key, "a table", value.type) }
    return TOMLSection(document: document, path: path + [key], table: found)
  }

  func string(_ key: String) throws(Failure) -> String? {
    guard let value = table[key] else { return nil }
    guard let text = value.string else { throw wrongType(key, "a string", value.type) }
    guard !text.isEmpty else { throw failure(key, "\"\(key.sanitized())\"\(place) is empty") }
    return text
  }

  /// A text that has to be there.
  func required(_ key: String) throws(Failure) -> String {
    guard let text = try string(key) else { throw missing(key) }
    return text
  }

  /// What a parser makes of a key's value; its failure is told at the line of the key.
  func parsed<Value>(
    _ key: String, _ parse: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    do throws(Failure) {
      return try parse()
    } catch {
      throw failure(key, error.message, hint: error.hint)
    }
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let value = table[key] else { return nil }
    guard let number = value.int else { throw wrongType(key, "an integer", value.type) }
    guard range.contains(number) else {
      throw failure(
        key,
        "\"\(key.sanitized())\"\(place) is \(number), not \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }

  func flag(_ key: String) throws(Failure) -> Bool? {
    guard let value = table[key] else { return nil }
    guard let flag = value.bool else { throw wrongType(key, "true or false", value.type) }
    return flag
  }

  func isText(_ key: String) -> Bool { table[key]?.string != nil }

  func texts(_ key: String) throws(Failure) -> [String]? {
    guard let value = table[key] else { return nil }
    guard let array = value.array else { throw wrongType(key, "an array of strings", value.type) }
    var words: [String] = []
    for element in array {
      guard let word = element.string else {
        throw wrongType(key, "an array of strings", element.type)
      }
      words.append(word)
    }
    return words
  }

  /// A program and its arguments.
  func words(_ key: String) throws(Failure) -> [String]? {
    guard let words = try texts(key) else { return nil }
    guard let program = words.first, !program.isEmpty else {
      throw failure(key, "\"\(key.sanitized())\"\(place) names no program")
    }
    return words
  }

  /// Has others shut out of a file with a secret in it.
  /// - Parameter secret: what it holds, with its article.
  func requirePrivacy(_ key: String, for secret: String) throws(Failure) {
    guard !document.isPrivate else { return }
    throw failure(
      key, "others can read this file, and it holds \(secret)",
      hint: "chmod 600 \(document.path.sanitized().quotedForShell)")
  }

  /// The failure about a key that has to be there, at the line of its table.
  func missing(_ key: String) -> Failure { failure(key, "\"\(key)\" is missing\(place)") }

  /// The failure about one key of this table.
  func failure(_ key: String, _ message: String, hint: String? = nil) -> Failure {
    document.failure(at: path + [key], message, hint: hint)
  }

  /// ` in [hosts.train]`, or nothing at the top.
  var place: String {
    path.isEmpty ? "" : " in [\(path.map { $0.sanitized(limit: 60) }.joined(separator: "."))]"
  }

  private func wrongType(_ key: String, _ wanted: String, _ found: TOMLType) -> Failure {
    let article = found == .int || found == .array ? "an" : "a"
    return failure(
      key, "\"\(key.sanitized())\"\(place) wants \(wanted), not \(article) \(found.description)")
  }
}
