import OpenSSH
import SystemIO

/// The known_hosts files of the user and of this computer, in ssh's default places.
struct UserKnownHosts {
  /// The largest file of known hosts or certificates that is read, in bytes.
  static let limit = 16 << 20

  /// How long to wait for another of us, in milliseconds.
  private static let lockTimeout = 500

  let home: String

  /// - Throws: `.inputOutput` when a file exists but cannot be read.
  func read() throws(Failure) -> KnownHosts {
    var texts: [String] = []
    for path in [
      file, "\(home)/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2",
    ] {
      if let text = try text(of: path) { texts.append(text) }
    }
    return KnownHosts(texts)
  }

  /// Appends a host's key, unless the file has one by now. Its name is hashed if the other names in
  /// the file are. Of several of us, one looks and writes at a time.
  /// - Returns: the keys that the file has then.
  /// - Throws: `.inputOutput` when the file cannot be written.
  func record(_ key: PublicKey, host: String, port: Int) throws(Failure) -> [PublicKey] {
    FilePath.makeDirectory("\(home)/.ssh")
    let target = try Descriptor.open(file, flags: O_WRONLY | O_APPEND | O_CREAT)
    // The lock ends with the descriptor. Whoever can read the file can hold the lock, so nobody waits for it
    // long; and a filesystem without locks is no reason to refuse.
    _ = try? FileLock.take(target, until: Moment.now + Self.lockTimeout, caller: .nobody)
    let before = try text(of: file) ?? ""
    let known = KnownHosts([before]).lookup(host: host, port: port).keys
    guard known.isEmpty else { return known }
    let isHashed = before.hasPrefix("|1|") || before.contains("\n|1|")
    let line = try KnownHosts.line(host: host, port: port, key: key, hashed: isHashed)
    let gap = before.isEmpty || before.hasSuffix("\n") ? "" : "\n"
    try target.writeAll("\(gap)\(line)\n")
    return [key]
  }

  private var file: String { "\(home)/.ssh/known_hosts" }

  private func text(of path: String) throws(Failure) -> String? {
    guard FilePath.exists(path) else { return nil }
    let file = try Descriptor.openToRead(path)
    guard let bytes = try file.readAll(limit: Self.limit) else {
      throw Failure("read \(path.sanitized())", number: EFBIG)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
