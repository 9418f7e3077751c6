import SessionRecord
import SystemIO

#if canImport(Glibc)
  let coreResource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
#else
  let coreResource = RLIMIT_CORE
#endif

/// The two programs belong together.
enum Companionship {
  /// - Throws: `.fault` when another version of `sshproxy` called us.
  static func check() throws(Failure) {
    guard let caller = getenv(versionVariable).map({ String(cString: $0) }) else { return }
    unsetenv(versionVariable)
    guard caller == version else {
      throw Failure(
        .fault, "sshproxy is version \(caller.shown(limit: 20)), sshproxy-session \(version)",
        hint: "install both again from one source: scripts/install")
    }
  }

  /// The absolute path of `sshproxy`: as PATH names it where that is the same program, so that a
  /// link to it survives an upgrade.
  static func hotProgram() throws(Failure) -> String {
    let own = resolved("/proc/self/exe") ?? CommandLine.arguments[0]
    let folder = String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
    let candidates = ["\(folder)/sshproxy", "\(folder)/../../bin/sshproxy"]
    guard let found = candidates.lazy.compactMap(resolved).first else {
      throw Failure(
        .fault, "sshproxy is neither beside sshproxy-session nor in ../../bin",
        hint: "install both programs again with scripts/install")
    }
    let inPath = searchPath("sshproxy")
    return inPath.flatMap { resolved($0) == found ? $0 : nil } ?? found
  }

  /// The first executable of that name in PATH, as an absolute path.
  static func searchPath(_ name: String) -> String? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }

  private static func resolved(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }
}
