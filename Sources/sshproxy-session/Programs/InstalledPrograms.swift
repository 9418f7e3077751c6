import OpenSSH
import SessionRecord
import SystemIO

/// The programs that this one works with: `sshproxy`, which must be of the same version, and ssh.
enum InstalledPrograms {
  // Written once, while there is one thread.
  nonisolated(unsafe) private static var called: String?

  /// Takes what the `sshproxy` that started us has put into the environment, and compares its version with ours.
  /// - Throws: `.internalError` when they differ.
  static func takeVariables() throws(Failure) {
    called = Environment.value(programVariable)
    Environment.remove(programVariable)
    guard let other = Environment.value(versionVariable) else { return }
    Environment.remove(versionVariable)
    guard other == version else { throw mismatch("sshproxy", other) }
  }

  /// - Parameters:
  ///   - program: `sshproxy`, or its path.
  ///   - other: its version.
  static func mismatch(_ program: String, _ other: String) -> Failure {
    Failure(
      .internalError,
      "\(program.sanitized()) is version \(other.sanitized(limit: 20)), sshproxy-session \(version)",
      hint: "install sshproxy again, and no part of it alone")
  }

  /// The absolute path of `sshproxy`. If PATH has a link to the same program, the link is returned,
  /// so that what is written with this path survives an upgrade.
  /// - Throws: `.internalError` when `sshproxy` is not installed beside this program.
  static func sshproxy() throws(Failure) -> String {
    let own = OwnProcess.program ?? CommandLine.arguments[0]
    let folder = String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
    // The last is a wheel's own place (`Helper.find`).
    let candidates = ["", "../../bin/", "../../../scripts/"].map { "\(folder)/\($0)sshproxy" }
    guard let found = candidates.lazy.compactMap(resolvedPath).first else {
      throw Failure(
        .internalError, "sshproxy is neither beside sshproxy-session nor in ../../bin",
        hint: "install sshproxy again as a whole")
    }
    let inPath = searchPath("sshproxy")
    return inPath.flatMap { resolvedPath($0) == found ? $0 : nil } ?? found
  }

  /// The absolute path by which `sshproxy` was called that has started us: in `setup`'s lines, the one that they
  /// have; the same as `sshproxy` where it is not known.
  /// - Throws: as `sshproxy`.
  static func calledSSHProxy() throws(Failure) -> String {
    let usual = try sshproxy()
    guard let called, called.hasPrefix("/"), resolvedPath(called) == resolvedPath(usual) else {
      return usual
    }
    return called
  }

  /// ssh's own exit status where it could not connect or log in; that of `exec`, too.
  static let statusOfFailedSSH: Int32 = 255

  /// The absolute path of OpenSSH's client.
  /// - Throws: `.internalError` when it is not in PATH.
  static func ssh() throws(Failure) -> String {
    guard let path = searchPath("ssh") else {
      throw Failure(.internalError, "ssh is not in PATH", hint: "install the OpenSSH client")
    }
    return path
  }

  /// The first executable of that name in PATH, as an absolute path.
  static func searchPath(_ name: String) -> String? {
    let path = Environment.value("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
      .first { FilePath.isExecutable($0) && FileStatus(of: $0)?.isDirectory == false }
  }
}

/// The ssh that runs `prepare`, by its command line, where the system tells it.
enum CallingSSH {
  /// Whether it prints its configuration (`-G`) and connects to nothing.
  static var onlyPrints: Bool { options.contains { $0.letter == "G" } }

  /// The configuration that it was given by `-F`; `nil` for none.
  static var configurationFile: String? { options.last { $0.letter == "F" }?.value }

  private static var options: [(letter: Character, value: String?)] {
    guard let words = OtherProcess.commandLine(of: OwnProcess.parent),
      OtherProcess.isOf("ssh", words)
    else { return [] }
    let texts = words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    return SSHArguments(texts[...]).compactMap { part in
      if case .option(let letter, let value) = part { (letter, value) } else { nil }
    }
  }
}
