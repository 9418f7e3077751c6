import Foundation

/// Programs that a test writes and then runs.
///
/// They are written by another process. What this one has open for writing is for a moment open in each
/// child that a parallel test starts, until that has come to its exec; and as long as anybody has a program
/// open for writing it cannot be run (ETXTBSY, execve(2)).
public enum WrittenProgram {
  /// Writes a program, or in the place of one; its directory is there.
  /// - Throws: `Unexpected` when it cannot be written.
  public static func write(_ bytes: some Sequence<UInt8>, to file: String, mode: Int) throws {
    let draft = try TemporaryDirectory("draft")
    try Data(bytes).write(to: URL(filePath: draft.path(of: "program")))
    try run("/bin/cp", draft.path(of: "program"), file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
  }

  /// Copies a program, with the directories that its place needs.
  /// - Throws: `Unexpected` when it cannot be copied.
  public static func copy(_ program: String, to file: String) throws {
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try run("/bin/cp", "-p", program, file)
  }

  private static func run(_ program: String, _ words: String...) throws {
    let end = try RunningProgram(program, words, environment: [:]).end()
    guard end.status == 0 else { throw Unexpected("\(program): \(end)") }
  }
}

/// The programs of this package, which are built into the directory of the test bundle.
public enum BuiltProgram {
  public static let sshproxy = path(of: "sshproxy")
  public static let session = path(of: "sshproxy-session")

  /// Whether they are built without what is Linux's alone (Package.swift, SSHPROXY_PORTABLE).
  public static var isPortable: Bool {
    #if PORTABLE
      true
    #else
      false
    #endif
  }

  /// Whether they see the words of the ssh that calls them, and so the file of its `-F`, which all tests give.
  public static var seesCallers: Bool { !isPortable }

  public static func path(of name: String) -> String {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: bundle ?? "").deletingLastPathComponent().appending(path: name).path
  }
}
