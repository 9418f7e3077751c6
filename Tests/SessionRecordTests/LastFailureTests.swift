import SessionRecord
import SystemIO
import TestSupport
import Testing

@Suite struct LastFailureTests {
  private let failure = LastFailure(
    Failure(.denied, step: "a step", "no: key"), time: 5000)

  @Test func roundTrip() {
    #expect(LastFailure(fileBytes: Array(failure.fileText.utf8)) == failure)
    #expect(failure.status == 77)
  }

  /// Texts of any length fit into the file, whatever characters they are of.
  @Test func longTextsAreCut() {
    let text = String(repeating: "\u{10437}", count: 5000)
    let long = LastFailure(Failure(.denied, step: text, text, hint: text), time: 5000)
    #expect(long.fileText.utf8.count <= LastFailure.sizeLimit)
    #expect(LastFailure(fileBytes: Array(long.fileText.utf8)) == long)
  }

  @Test(arguments: [
    "", "\n", "failed", "failed 1\n", "failed 1\n=denied\n=a\n=b\n",
    "failed 1\n=denied\n=a\n=b\n=c",
    "failed x\n=denied\n=a\n=b\n=c\n", "ok 1\n=denied\n=a\n=b\n=c\n", "\u{0}\u{1}",
    "failed -9223372036854775808\n=denied\n=a\n=b\n=c\n", "failed 1\n=no\n=a\n=b\n=c\n",
  ])
  func damaged(_ text: String) {
    #expect(LastFailure(fileBytes: Array(text.utf8)) == nil)
  }

  /// What the fuzzer found: a line end behind a carriage return was none.
  @Test func linesEndWhereTheirByteIs() throws {
    let text = "failed 5000\n=denied\n=a step\r\n=no\n=\r\n"
    let read = try #require(LastFailure(fileBytes: Array(text.utf8)))
    #expect(read.failure?.message == "no")
    #expect(LastFailure(fileBytes: Array(read.fileText.utf8)) == read)
  }

  @Test func youngForTwoSeconds() {
    #expect(failure.isRecent(at: 5000) && failure.isRecent(at: 6999))
    #expect(!failure.isRecent(at: 7000) && !failure.isRecent(at: 4999))
  }

  @Test func isReadFromTheLockFile() throws {
    let folder = try TemporaryDirectory("state")
    try folder.write(failure.fileText, to: "sessions/a/lock")
    let state = try StateDirectory(opening: folder.path)
    let (found, none) = (state.lastFailure(of: "a"), state.lastFailure(of: "b"))
    #expect(found == failure)
    #expect(none == nil)
  }
}
