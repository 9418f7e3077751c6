import Foundation
import TestSupport
import Testing

/// What `prepare` makes of a state directory that cannot be opened. The hot program stands alone here, so
/// that whatever is told is its own.
@Suite struct PrepareStateTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory("state")
    try FileManager.default.copyItem(
      atPath: BuiltProgram.sshproxy, toPath: folder.path(of: "sshproxy"))
  }

  private func prepare(_ state: String) throws -> ProgramEnd {
    try RunningProgram(
      folder.path(of: "sshproxy"), ["--state", folder.path(of: state), "prepare", "lab"],
      environment: ["HOME": folder.path]
    ).end()
  }

  /// None yet is no failure: the other program makes one, where there is that program.
  @Test func missingIsMade() throws {
    let end = try prepare("new/state")
    #expect(end.errors.contains("neither beside sshproxy"), "\(end)")
  }

  @Test func fileOnTheWayIsNotTakenForNone() throws {
    try folder.write("", to: "file")
    let end = try prepare("file/state")
    #expect(end.status == 74)
    #expect(end.errors.contains("not a directory"), "\(end)")
  }

  @Test func loopIsNotTakenForNone() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path(of: "loop"), withDestinationPath: folder.path(of: "loop"))
    let end = try prepare("loop/state")
    #expect(end.status == 74)
    #expect(end.errors.contains("symbolic links"), "\(end)")
  }
}
