internal import SystemIO

/// The one line that `setup` adds to the user's own ssh configuration, and the edits that add and
/// remove it. They work on bytes, so every other byte of the file stays as it is.
struct IncludeLine {
  /// The file that is included.
  let path: String
  private let line: String

  init(_ path: String) throws(Failure) {
    self.path = path
    line = "Include " + (try QuotedPath.inInclude(path))
  }

  /// The line without its line end.
  var text: String { line }

  /// Whether the line is the first one of the file and occurs only once.
  func isFirst(in file: [UInt8]) -> Bool { added(to: file) == file }

  func isPresent(in file: [UInt8]) -> Bool { Self.lines(of: file).contains(where: isOurs) }

  /// The file with the line at its top. Applied twice, it changes nothing more.
  func added(to file: [UInt8]) -> [UInt8] {
    let lines = Self.lines(of: file)
    if let first = lines.first, first.last == 0x0a, isOurs(first),
      !lines.dropFirst().contains(where: isOurs)
    {
      return file
    }
    let isCRLF = lines.first?.suffix(2).elementsEqual([0x0d, 0x0a]) == true
    return Array(line.utf8) + (isCRLF ? [0x0d, 0x0a] : [0x0a]) + removed(from: file)
  }

  /// The file without the line.
  func removed(from file: [UInt8]) -> [UInt8] {
    let lines = Self.lines(of: file)
    return lines.contains(where: isOurs) ? Array(lines.filter { !isOurs($0) }.joined()) : file
  }

  /// Whether a line includes our file and nothing else, in any spelling: ssh accepts the keyword in
  /// either case, blanks or `=` after it, and quotes.
  private func isOurs(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.count > path.utf8.count else { return false }
    let blanks: [UInt8] = [0x20, 0x09, 0x0d, 0x0a, 0x0c]
    var rest = line.drop { blanks.contains($0) }
    while let last = rest.last, blanks.contains(last) { rest.removeLast() }
    guard String(decoding: rest.prefix(7), as: UTF8.self).lowercased() == "include" else {
      return false
    }
    rest = rest.dropFirst(7)
    let argument = rest.drop { blanks.contains($0) || $0 == UInt8(ascii: "=") }
    return argument.elementsEqual("\"\(path)\"".utf8)
      || (argument.startIndex > rest.startIndex && argument.elementsEqual(path.utf8))
  }

  /// The lines, with their line ends.
  static func lines(of file: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < file.count {
      let end = file[start...].firstIndex(of: 0x0a).map { $0 + 1 } ?? file.count
      lines.append(file[start..<end])
      start = end
    }
    return lines
  }
}
