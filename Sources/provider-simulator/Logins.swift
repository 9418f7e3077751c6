import Foundation
import Synchronization

/// The login names of a realm: the passwd file that libnss-wrapper shows its sshd, and the key
/// that opens each.
final class Logins: Sendable {
  private struct Login {
    var expires: Date?
  }

  private let names = Mutex<[String: Login]>([:])
  private let folder: URL
  private let home: String
  private let haveNoPassword: Bool

  /// - Parameters:
  ///   - folder: the realm's own; gets `passwd`, `group` and `keys/NAME`.
  ///   - haveNoPassword: whether sshd's method `none` opens them.
  init(folder: URL, home: String, haveNoPassword: Bool) throws {
    self.folder = folder
    self.home = home
    self.haveNoPassword = haveNoPassword
    try FileManager.default.createDirectory(
      at: folder.appending(path: "keys"), withIntermediateDirectories: true)
    let groups = "root:x:0:\nsshd:x:74:\nusers:x:\(getgid()):\n" + Self.terminalGroup
    try Data(groups.utf8).write(to: folder.appending(path: "group"))
    try write([:])
  }

  var passwd: String { folder.appending(path: "passwd").path }
  var group: String { folder.appending(path: "group").path }

  func contains(_ name: String) -> Bool { names.withLock { $0[name] != nil } }

  /// Makes login names that end at a time, or stay.
  func add(_ new: [String], until expires: Date? = nil) throws {
    try names.withLock { names in
      for name in new { names[name] = Login(expires: expires) }
      try write(names)
    }
  }

  /// Lets a public key log in by this name.
  func open(_ name: String, to publicKey: String) throws {
    try Data("\(publicKey)\n".utf8).write(
      to: folder.appending(path: "keys/\(name)"), options: .atomic)
  }

  func remove(_ gone: [String]) {
    names.withLock { names in
      for name in gone {
        names[name] = nil
        try? FileManager.default.removeItem(at: folder.appending(path: "keys/\(name)"))
      }
      try? write(names)
    }
  }

  /// Drops the names whose time is over.
  func sweep() {
    let now = Date()
    let gone = names.withLock { names in
      names.filter { $0.value.expires.map { $0 <= now } ?? false }.map(\.key)
    }
    if !gone.isEmpty { remove(gone) }
  }

  /// The group line that makes sshd content with a terminal as it is: without privileges it could
  /// not give it to another group.
  private static var terminalGroup: String {
    let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
    let line = mounts.split(separator: "\n").first { $0.contains(" /dev/pts ") }
    let options = line?.split(separator: " ").dropFirst(3).first?.split(separator: ",") ?? []
    guard let group = options.first(where: { $0.hasPrefix("gid=") }) else { return "" }
    return "tty:x:\(group.dropFirst(4)):\n"
  }

  private func write(_ names: [String: Login]) throws {
    // sshd drops its privileges to this user where it has any.
    var lines = ["sshd:x:74:74::/run/sshd:/usr/sbin/nologin"]
    let shell = FileManager.default.isExecutableFile(atPath: "/bin/bash") ? "/bin/bash" : "/bin/sh"
    for name in names.keys.sorted() where name != "sshd" {
      lines.append("\(name):\(haveNoPassword ? "" : "x"):\(getuid()):\(getgid())::\(home):\(shell)")
    }
    let text = lines.joined(separator: "\n") + "\n"
    try Data(text.utf8).write(to: URL(filePath: passwd), options: .atomic)
  }
}
