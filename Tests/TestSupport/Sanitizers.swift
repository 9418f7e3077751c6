import Foundation

/// The sanitizers of `scripts/test --sanitize`. They are built into the programs under test too, and
/// the environment tells them what to do; a test that makes up an environment passes that on.
public enum Sanitizers {
  static let environment = ProcessInfo.processInfo.environment.filter {
    [
      "ASAN_OPTIONS", "LSAN_OPTIONS", "NSS_WRAPPER_DISABLE_DEEPBIND", "SSHPROXY_CONFINE",
    ].contains($0.key)
  }

  public static let areOff = environment.isEmpty

  /// How many times longer than promised a program may take: with sanitizers in it, it begins by
  /// mapping their memory and ends by looking for leaks.
  public static let slowness: Double = environment.isEmpty ? 1 : 3
}
