import TestSupport
import Testing

/// Programs that read `~/.ssh/config` themselves, as they are installed: what they make of the user's
/// own hosts is the same with `setup` and live sessions as without. One simulator serves them all.
@Suite(.serialized) struct ReaderTests {
  static let simulator = SharedSimulator()
}
