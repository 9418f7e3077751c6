import SystemIO
import Testing

@testable import Configuration

/// What the fuzz target `configuration` found: texts for which the parser below TOMLKit ends the
/// program by an assertion, where they should be refused like any other nonsense.
@Suite struct FuzzConfigurationTests {
  static let found = [
    "a = 1979-05-27Tx07:32:00Z",
    "a = [1, 3958-05-27Tpri07:32:00Z]",
    "a = 1979-05-27 x7:32:00",
  ]

  /// The parser skips a byte order mark, which hid the header behind it.
  @Test func refusesThemBehindAByteOrderMark() async {
    await #expect(processExitsWith: .success) {
      for text in ["[\u{1}", "[ =", "a = [ }", "[[\u{1}]]"] {
        do throws(Failure) {
          _ = try TOMLDocument("\u{feff}" + text + "\n", path: "/x/config.toml")
          Issue.record("\(text) was read")
        } catch {
          #expect(error.kind == .configuration)
        }
      }
    }
  }

  @Test func refusesWhatEndsTheParser() async {
    // Where it goes wrong it takes the whole process with it.
    await #expect(processExitsWith: .success) {
      for text in FuzzConfigurationTests.found {
        do throws(Failure) {
          _ = try TOMLDocument("# first\n" + text + "\n", path: "/x/config.toml")
          Issue.record("\(text) was read")
        } catch {
          #expect(error.kind == .configuration)
          #expect(error.message.hasPrefix("config.toml line 2"), "\(error.message)")
        }
      }
    }
  }
}
