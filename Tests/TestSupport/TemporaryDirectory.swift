public import Foundation
public import SystemIO

/// A directory of a test's own, 0700, which vanishes with its owner.
public final class TemporaryDirectory: Sendable {
  /// Without links, so that paths below it compare as texts.
  public let path: String
  /// What vanishes: the directory, or the one around it.
  private let root: String

  /// - Parameters:
  ///   - name: what the directory's name begins with.
  ///   - last: the name of a directory in it, which then is the test's own: for what a path may hold.
  public init(_ name: String = "test", last: String? = nil) throws {
    let place = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "sshproxy-\(name)-\(UUID().uuidString.prefix(8).lowercased())")
    root = place.path
    path = last.map { "\(place.path)/\($0)" } ?? place.path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, with the directories that it needs.
  /// - Returns: its path.
  @discardableResult
  public func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
    try write(Array(text.utf8), to: name, mode: mode)
  }

  /// The same for what is no text.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
    let file = path(of: name)
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    guard mode & 0o111 == 0 else {
      try WrittenProgram.write(bytes, to: file, mode: mode)
      return file
    }
    try Data(bytes).write(to: URL(filePath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  /// - Returns: `nil` when there is no such file.
  public func read(_ name: String) -> String? {
    bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// - Returns: `nil` when there is no such file.
  public func bytes(of name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path(of: name)).map(Array.init)
  }

  public func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path(of: name))
  }

  /// The names in a directory below, sorted; none where there is no such directory.
  public func names(in name: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path(of: name))) ?? []).sorted()
  }

  /// Every file below, with its bytes.
  /// - Parameter withFolders: whether the directories count, too; they have no bytes.
  public func snapshot(withFolders: Bool = false) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: path)
    var result: [String: Data] = [:]
    for name in names {
      result[name] =
        FileManager.default.contents(atPath: path(of: name)) ?? (withFolders ? Data() : nil)
    }
    return result
  }

  /// Permission bits.
  public func mode(of name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path(of: name))
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
  }

  /// The directory, opened.
  public func open() throws -> Descriptor {
    try Descriptor.open(path, flags: O_RDONLY | O_DIRECTORY)
  }

  /// Another process takes a lock on a file, which is made where it is missing.
  /// - Parameter seconds: when it ends by itself.
  /// - Returns: the holder once it has the lock, which ends with its process group.
  public func holdLock(_ name: String, for seconds: Int = 600) throws -> RunningProgram {
    if !exists(name) { try write("", to: name) }
    let holder = try RunningProgram(
      "/usr/bin/flock", [path(of: name), "sh", "-c", "echo held; exec sleep \(seconds)"],
      environment: ["PATH": "/usr/bin:/bin"])
    guard eventually({ holder.output == "held\n" }) else {
      throw Unexpected("the lock is not held")
    }
    return holder
  }
}
