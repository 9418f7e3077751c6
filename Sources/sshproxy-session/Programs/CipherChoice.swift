import Configuration
import OpenSSH
import SystemIO

/// Whether ssh is to put AES-GCM before the ciphers that it would take by itself: where the processor has
/// instructions for it, this ssh knows it, and the user names no ciphers of their own.
struct CipherChoice {
  /// Why ssh's ciphers stay as they are; `nil` where the faster one comes first.
  let reason: String?

  /// How long ssh may take to print its configuration, in milliseconds.
  private static let timeout = 10_000

  /// - Parameters:
  ///   - sshConfig: ssh's configuration file; `nil` for ssh's default, the user's and the system's.
  ///   - read: what ssh has printed of it for `ToolRun.unusedHost`; `nil` to have it asked.
  /// - Throws: what running ssh throws.
  init(
    _ configuration: Configuration, sshConfig: String?, read: ToolRun? = nil, caller: HangUpMonitor
  ) throws(Failure) {
    guard !configuration.connection.block.leavesCiphers else {
      reason = "`ciphers = \"ssh\"` leaves them to ssh"
      return
    }
    guard Processor.hasFastAESGCM else {
      reason = "as ssh has them, for this processor has no instructions for AES-GCM"
      return
    }
    let fast = try Setting(.ciphers, Setting.fastCipher).arguments()
    guard let list = try Self.ciphers("none", fast, of: ToolRun.unusedHost, caller),
      list.hasPrefix(Setting.fastCipher.dropFirst() + ","),
      let usual = try Self.ciphers("none", of: ToolRun.unusedHost, caller)
    else {
      reason = "as ssh has them, for it knows no AES-GCM"
      return
    }
    // The user may have a `Host` block for all of a provider's aliases. No alias has two dots in a row:
    // what ssh runs for such a host ends at once.
    let hosts = configuration.aliasPatterns.suffixes.map { "sshproxy..check.\($0)" }
    for host in [ToolRun.unusedHost] + hosts {
      let own =
        if host == ToolRun.unusedHost, let read { Self.ciphers(read) } else {
          try Self.ciphers(sshConfig, of: host, caller)
        }
      guard own == usual else {
        reason = "as ssh's configuration names them"
        return
      }
    }
    reason = nil
  }

  /// - Returns: `nil` where ssh refuses its configuration, or is too old to print it.
  private static func ciphers(
    _ file: String?, _ options: [String] = [], of host: String, _ caller: HangUpMonitor
  ) throws(Failure) -> String? {
    ciphers(try ToolRun.printing(host, file, options, within: timeout, caller: caller))
  }

  private static func ciphers(_ run: ToolRun) -> String? {
    guard run.status == 0 else { return nil }
    return run.lines.map(\.text).first { $0.hasPrefix("ciphers ") }.map {
      String($0.dropFirst("ciphers ".count))
    }
  }
}
