import Foundation
import TestSupport

/// The programs of other people that these tests run.
enum Clients {
  /// Where they are: the system's, after those of a folder that `SSHPROXY_CLIENTS` names.
  static let path = [
    ProcessInfo.processInfo.environment["SSHPROXY_CLIENTS"],
    "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
  ].compactMap { $0 }.joined(separator: ":")

  /// - Throws: what is missing, and what installs it: a test that is not run is no pass.
  static func require(_ names: String...) throws {
    let missing = names.filter { find($0) == nil }
    guard missing.isEmpty else {
      throw Unexpected("not installed: \(missing.joined(separator: ", ")); run scripts/bootstrap")
    }
  }

  static func find(_ name: String) -> String? {
    path.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
