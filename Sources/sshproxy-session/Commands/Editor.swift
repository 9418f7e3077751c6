import ArgumentParser
import SystemIO

/// An editor that works on a remote machine by running ssh, as a word of the command line.
enum Editor: String, ExpressibleByArgument, CaseIterable {
  case code, cursor, zed, windsurf

  /// What the editor is started with.
  /// - Parameter host: an alias in lower case. The VS Code kin treat the host of a URI as if case made
  ///   no difference, and `ssh` is then given whatever case has come out of that.
  /// - Throws: `.usage` for a directory that the editor does not take.
  func arguments(host: String, directory: String?) throws(Failure) -> [String] {
    if let directory { try check(directory) }
    guard self == .zed else {
      // Without --new-window, an editor that runs may only show its last window.
      guard let directory else { return ["--new-window", "--remote", "ssh-remote+\(host)"] }
      return ["--folder-uri", "vscode-remote://ssh-remote+\(host)\(Self.encoded(directory))"]
    }
    // In zed's URLs the home directory is the path `/~`.
    let path = directory ?? "~"
    return ["ssh://\(host)\(path.hasPrefix("/") ? "" : "/")\(Self.encoded(path))"]
  }

  /// The absolute path of the editor's own starter.
  /// - Throws: `.unreachable` when it is not in PATH.
  func program() throws(Failure) -> String {
    for name in names {
      if let path = InstalledPrograms.searchPath(name) { return path }
    }
    throw Failure(
      .unreachable, "\(names.joined(separator: " or ")) is not in PATH",
      hint: "run \"\(installer)\" from \(title)'s command palette, or put its program into PATH")
  }

  /// The program as a person calls it, where it is in PATH by one of its names.
  var command: String { names.first { InstalledPrograms.searchPath($0) != nil } ?? rawValue }

  /// What the program is called; some packages of zed have another name for it.
  private var names: [String] { self == .zed ? ["zed", "zeditor"] : [rawValue] }

  private var title: String {
    switch self {
    case .code: "VS Code"
    case .cursor: "Cursor"
    case .zed: "Zed"
    case .windsurf: "Windsurf"
    }
  }

  /// The editor's command that puts its starter into PATH.
  private var installer: String {
    guard self != .zed else { return "cli: install cli binary" }
    return "Shell Command: Install '\(rawValue)' command in PATH"
  }

  private func check(_ directory: String) throws(Failure) {
    let isAtHome = directory == "~" || directory.hasPrefix("~/")
    if directory.hasPrefix("/") || (self == .zed && isAtHome) { return }
    let problem =
      isAtHome
      ? "\(rawValue) does not know the home directory there" : "it is not an absolute path"
    throw Failure(
      .usage, "\(rawValue) cannot open \"\(directory.sanitized(limit: 80))\": \(problem)",
      hint: "give an absolute path: `ssh ALIAS pwd` shows where the home directory is")
  }

  /// The path of a URL.
  private static func encoded(_ path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).map { String($0).percentEncoded }
      .joined(separator: "/")
  }
}
