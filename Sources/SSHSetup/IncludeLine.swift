internal import SystemIO

/// The one line that `setup` adds to the user's own ssh configuration, and the edits that add and
/// remove it. They work on bytes, so every other byte of the file stays as it is.
struct IncludeLine {
  /// What leads ssh to our file: its absolute path, and what stands for it in the user's own `~/.ssh`.
  private let spellings: [String]
  /// The line without its line end.
  let text: String

  /// - Parameters:
  ///   - path: the absolute path of the file that is included.
  ///   - sshHome: the home directory, where the password file and HOME name the same. In its `.ssh`, the line names
  ///     the file alone, as ssh_config(5) allows: so the user's file suits every computer that it is
  ///     copied to.
  init(_ path: String, sshHome: String? = nil) throws(Failure) {
    let written = try QuotedPath.inInclude(path)
    if let sshHome, path.hasPrefix(sshHome + "/.ssh/") {
      let name = String(path.dropFirst(sshHome.count + "/.ssh/".count))
      spellings = [path, name, "~/.ssh/" + name]
      text = "Include " + (written == path ? name : "\"\(name)\"")
    } else {
      spellings = [path]
      text = "Include " + written
    }
  }

  /// Whether the line is the first one of the file and occurs only once.
  func isFirst(in file: [UInt8]) -> Bool { added(to: file) == file }

  func isPresent(in file: [UInt8]) -> Bool { SettingLine.lines(of: file).contains(where: isOurs) }

  /// The file with the line at its top. Applied twice, it changes nothing more.
  func added(to file: [UInt8]) -> [UInt8] {
    let lines = SettingLine.lines(of: file)
    if let first = lines.first, first.last == 0x0a, isOurs(first),
      !lines.dropFirst().contains(where: isOurs)
    {
      return file
    }
    let isCRLF = lines.first?.suffix(2).elementsEqual([0x0d, 0x0a]) == true
    return Array(text.utf8) + (isCRLF ? [0x0d, 0x0a] : [0x0a]) + removed(from: file)
  }

  /// The file without the line.
  func removed(from file: [UInt8]) -> [UInt8] {
    let lines = SettingLine.lines(of: file)
    return lines.contains(where: isOurs) ? Array(lines.filter { !isOurs($0) }.joined()) : file
  }

  /// Whether a line includes our file and nothing else, in any spelling that ssh accepts.
  private func isOurs(_ line: ArraySlice<UInt8>) -> Bool {
    guard let line = SettingLine(line), line.keyword == "include", line.arguments.count == 1 else {
      return false
    }
    return spellings.contains(line.arguments[0])
  }
}
