import TestSupport
import Testing

/// The commands for people, run as a person runs them. One simulator serves them all, and its
/// scenario is a test's alone while it runs.
@Suite(.serialized, .timed) struct CommandTests {
  static let simulator = SharedSimulator()
}
