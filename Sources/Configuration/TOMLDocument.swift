public import SystemIO
internal import TOMLKit

/// One of our TOML files. Every failure about it names the file and the line.
struct TOMLDocument {
  let root: TOMLTable
  /// The whole path, for hints.
  let path: String
  /// Whether the user alone can read the file.
  let isPrivate: Bool
  private let lines: KeyLines

  /// - Throws: `.configuration`, with the line of the syntax error.
  init(_ file: UserFile) throws(Failure) {
    try self.init(file.text, path: file.path, isPrivate: file.isPrivate)
  }

  /// - Throws: `.configuration`, with the line of the syntax error.
  init(_ text: String, path: String, isPrivate: Bool = true) throws(Failure) {
    self.path = path
    self.isPrivate = isPrivate
    if let excess = TOMLBounds.excess(in: text) {
      throw Self.failure(path, line: excess.line, excess.problem)
    }
    // The parser uses C strings: it would silently drop what follows a NUL, written as itself or as an
    // escape.
    let nul = ["\0", "\\u0000", "\\U00000000"].lazy.compactMap { text.firstLine(having: $0) }
    if let line = nul.first {
      throw Self.failure(path, line: line, "a NUL character cannot stand here")
    }
    lines = KeyLines(of: text)
    if let line = lines.abortingLine {
      throw Self.failure(
        path, line: line,
        "not TOML as it is read here: expected a key, or a text in quotes, a whole number, true or false"
      )
    }
    do {
      root = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw Self.failure(
        path, line: error.source.begin.line, "not TOML: \(error.description.sanitized())")
    } catch {
      throw Self.failure(path, line: nil, "not TOML")
    }
  }

  /// The failure about one key.
  func failure(at key: [String], _ message: String, hint: String? = nil) -> Failure {
    Self.failure(path, line: lines.line(of: key), message, hint: hint)
  }

  /// The line on which the key stands, counted from 1.
  func line(of key: [String]) -> Int? { lines.line(of: key) }

  private static func failure(
    _ path: String, line: Int?, _ message: String, hint: String? = nil
  ) -> Failure {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let place = line.map { " line \($0)" } ?? ""
    return Failure(
      .configuration, step: "read the configuration", "\(name.sanitized())\(place): \(message)",
      hint: hint ?? "edit \(path.sanitized())")
  }
}

extension String {
  fileprivate func firstLine(having text: String) -> Int? {
    guard utf8.contains(0) || contains("\\") else { return nil }
    let lines = utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let found = lines.firstIndex { Substring($0).contains(text) }
    return found.map { $0 + 1 }
  }
}

extension UserFile {
  /// The texts at places of a TOML file that another program wrote; `nil` for none, or an empty one.
  /// - Throws: `.configuration` when the file is not TOML, or something else than a text stands there.
  public func tomlTexts(_ places: [String]...) throws(Failure) -> [String?] {
    let document = try TOMLDocument(self)
    return try places.map { (place) throws(Failure) in
      var table: TOMLTable? = document.root
      for name in place.dropLast() { table = table?[name]?.table }
      guard let name = place.last, let value = table?[name] else { return nil }
      guard let text = value.string else { throw document.failure(at: place, "this is not a text") }
      return text.isEmpty ? nil : text
    }
  }
}
