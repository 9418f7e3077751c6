import TestSupport
import Testing

/// Files to machines and back.
@Suite(.serialized, .timed) struct CopyTests {
  static let shared = SharedSimulator()
  /// One whose login name is a token, too.
  static let targets = machines + ["b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e.daytona"]
  let testHome: TestHome
  let folder: String

  init() throws {
    try Clients.require("scp", "sftp", "rsync", "git")
    testHome = try TestHome.ofUserAfterSetup(try Self.shared.fresh())
    folder = try testHome.machineFolder()
    let files = "mkdir -p files/deep; seq 1 700000 > files/large; echo é > 'files/deep/a name'"
    guard try testHome.run(files).status == 0 else { throw Unexpected("no files") }
  }

  /// - Parameter option: `-O` is the protocol of old, `-s` sftp beneath.
  @Test(arguments: targets, ["-O", "-s"])
  func scp(_ machine: String, option: String) throws {
    let end = try testHome.run(
      """
      scp \(option) -q -r -p files \(machine):\(folder)/there
      scp \(option) -q -r -p \(machine):\(folder)/there back
      diff -r files \(folder)/there
      diff -r files back
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output + end.errors == "")
  }

  @Test func scpFromMachineToMachine() throws {
    let end = try testHome.run(
      """
      scp -q -r files sb1.prime:\(folder)/one
      scp -3 -q -r sb1.prime:\(folder)/one dm-abc.dedalus:\(folder)/two
      diff -r files \(folder)/two
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output + end.errors == "")
  }

  @Test(arguments: targets)
  func sftp(_ machine: String) throws {
    let end = try testHome.run(
      """
      sftp -q -b - \(machine) <<'END'
      cd \(folder)
      put -r files
      rename files there
      get -r there back
      END
      diff -r files \(folder)/there
      diff -r files back
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
  }

  @Test(arguments: targets)
  func rsync(_ machine: String) throws {
    let end = try testHome.run(
      """
      rsync -a files/ \(machine):\(folder)/there
      echo more >> files/large; rm 'files/deep/a name'
      rsync -az --delete --stats files/ \(machine):\(folder)/there
      rsync -a \(machine):\(folder)/there/ back
      diff -r files \(folder)/there
      diff -r files back
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
    #expect(end.output.contains("Number of regular files transferred: 1\n"), "\(end)")
  }

  @Test(arguments: targets)
  func gitClonesAndPushes(_ machine: String) throws {
    let end = try testHome.run(
      """
      git init --quiet --bare --initial-branch=main \(folder)/project.git
      git clone --quiet \(machine):\(folder)/project.git one 2>/dev/null
      cp -r files one/
      git -C one add --all
      git -C one -c user.name=A -c user.email=a@example.org commit --quiet -m 'files: first'
      git -C one push --quiet origin HEAD:main
      git clone --quiet ssh://\(machine)\(folder)/project.git two
      diff -r files two/files
      git -C two fetch --quiet
      git -C two log --format=%s
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "files: first\n")
    #expect(end.errors == "")
  }
}
