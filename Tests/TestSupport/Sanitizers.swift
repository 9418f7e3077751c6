import Foundation

/// The sanitizers of `scripts/test --sanitize`. They are built into the programs under test too, and
/// the environment tells them what to do; a test that makes up an environment passes that on.
enum Sanitizers {
  static let environment = ProcessInfo.processInfo.environment.filter {
    ["ASAN_OPTIONS", "LSAN_OPTIONS", "NSS_WRAPPER_DISABLE_DEEPBIND"].contains($0.key)
  }
}
