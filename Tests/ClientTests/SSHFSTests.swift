import Foundation
import TestSupport
import Testing

private let hasFUSE = FileManager.default.isWritableFile(atPath: "/dev/fuse")

/// A machine's folder as one of this computer's.
@Suite(.serialized, .timed, .enabled(if: hasFUSE, "/dev/fuse is not there, or not for us"))
struct SSHFSTests {
  static let shared = SharedSimulator()

  @Test(arguments: machines)
  func mounts(_ machine: String) throws {
    try Clients.require("sshfs", "fusermount3", "mountpoint")
    let testHome = try TestHome.ofUserAfterSetup(try Self.shared.fresh())
    let folder = try testHome.machineFolder()
    let end = try testHome.run(
      """
      mkdir there
      trap 'mountpoint -q there && fusermount3 -u -z there' EXIT
      echo before > \(folder)/old
      sshfs \(machine):\(folder) there
      cat there/old
      seq 1 300000 > there/new
      mkdir there/deep && mv there/old there/deep/
      fusermount3 -u there
      seq 1 300000 | cmp - \(folder)/new
      cat \(folder)/deep/old
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "before\nbefore\n")
    #expect(end.errors == "")
    #expect(eventually { testHome.processes.isEmpty }, "\(testHome.processes)")
  }
}
