import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct PrivateFileTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("files") }

  private func number(_ body: () throws -> Any?) -> Int32? {
    do {
      Issue.record("no error but \(String(describing: try body()))")
      return nil
    } catch {
      return (error as? Failure)?.number
    }
  }

  @Test func writtenForOneselfAlone() throws {
    try PrivateFile.write("text", to: "a", in: try folder.open())
    #expect(folder.read("a") == "text")
    #expect(try folder.mode(of: "a") == 0o600)
    #expect(folder.names(in: "") == ["a"])
  }

  @Test func theOldOneIsReplacedWhole() throws {
    try folder.write("a long text of before", to: "a", mode: 0o644)
    let before = try Descriptor.open(folder.path(of: "a"), flags: O_RDONLY)
    try PrivateFile.write("new", to: "a", in: try folder.open())
    #expect(folder.read("a") == "new")
    #expect(try folder.mode(of: "a") == 0o600)
    #expect(try before.readAll(limit: 100) == Array("a long text of before".utf8))
  }

  @Test func aLinkIsReplacedNotFollowed() throws {
    try folder.write("other", to: "other")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path(of: "a"), withDestinationPath: "other")
    try PrivateFile.write("new", to: "a", in: try folder.open())
    #expect(folder.read("other") == "other")
    #expect(folder.read("a") == "new")
  }

  @Test func whatCannotBeWrittenLeavesNothing() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path(of: "a/b"), withIntermediateDirectories: true)
    #expect(number { try PrivateFile.write("x", to: "a", in: try folder.open()) } != nil)
    #expect(folder.names(in: "") == ["a"])
  }

  @Test func readsWhatIsOurs() throws {
    try folder.write("text", to: "a")
    let directory = try folder.open()
    #expect(try PrivateFile.read("a", in: directory.number, limit: 4) == Array("text".utf8))
    #expect(try PrivateFile.read("b", in: directory.number, limit: 4) == nil)
    #expect(number { try PrivateFile.read("a", in: directory.number, limit: 3) } == EFBIG)
  }

  @Test(arguments: [0o620, 0o602, 0o666])
  func refusesWhatOthersCanWrite(_ mode: Int) throws {
    try folder.write("text", to: "a", mode: mode)
    #expect(number { try PrivateFile.read(folder.path(of: "a"), limit: 10) } == EPERM)
  }

  @Test(arguments: [0o640, 0o604])
  func refusesSecretsThatOthersCanRead(_ mode: Int) throws {
    try folder.write("text", to: "a", mode: mode)
    #expect(try PrivateFile.read(folder.path(of: "a"), limit: 10) != nil)
    #expect(number { try PrivateFile.read(folder.path(of: "a"), limit: 10, secret: true) } == EPERM)
  }

  @Test func refusesWhatIsNoFile() throws {
    mkfifo(folder.path(of: "fifo"), 0o600)
    #expect(number { try PrivateFile.read(folder.path(of: "fifo"), limit: 10) } == EPERM)
    #expect(number { try PrivateFile.read(folder.path, limit: 10) } == EPERM)
    try folder.write("text", to: "a")
    symlink("a", folder.path(of: "link"))
    let directory = try folder.open()
    #expect(number { try PrivateFile.read("link", in: directory.number, limit: 10) } == ELOOP)
  }
}

@Suite struct PrivateDirectoryTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("directories") }

  @Test func madeWithItsParentsForOneselfAlone() throws {
    _ = try PrivateDirectory(making: folder.path(of: "a/b/c"))
    for name in ["a", "a/b", "a/b/c"] { #expect(try folder.mode(of: name) == 0o700) }
    _ = try PrivateDirectory(making: folder.path(of: "a/b/c"))
  }

  @Test func refusesWhatOthersCanWrite() throws {
    for mode in [mode_t(0o720), 0o702, 0o777] {
      mkdir(folder.path(of: "open"), 0o700)
      chmod(folder.path(of: "open"), mode)
      #expect(throws: Failure("use \(folder.path(of: "open").sanitized())", number: EPERM)) {
        try names(making: "open")
      }
    }
  }

  @Test func followsNoLinkBelow() throws {
    mkdir(folder.path(of: "real"), 0o700)
    symlink("real", folder.path(of: "link"))
    let top = try PrivateDirectory(opening: folder.path)
    let number = top.descriptor.number
    #expect(throws: Failure.self) {
      let below = try PrivateDirectory(opening: "link", in: number)
      return try below.names()
    }
    let followed = try PrivateDirectory(opening: folder.path(of: "link")).names()
    #expect(followed == [])
  }

  private func names(making name: String) throws -> [String] {
    try PrivateDirectory(making: folder.path(of: name)).names()
  }

  /// More than the C library reads at a time: the last entry's name ends where its memory does,
  /// which the address sanitizer watches.
  @Test func namesAreReadToTheirEndAndNoFurther() throws {
    let expected = (10_000..<11_500).map(String.init)
    for name in expected { try folder.write("", to: "many/\(name)") }
    chmod(folder.path(of: "many"), 0o700)
    #expect(try PrivateDirectory(opening: folder.path(of: "many")).names() == expected)
  }

  @Test func removesTreesAndNoMore() throws {
    try folder.write("x", to: "outside")
    try folder.write("x", to: "tree/a/b/c")
    symlink("../outside", folder.path(of: "tree/link"))
    let top = try PrivateDirectory(opening: folder.path)
    let before = try top.names()
    #expect(before == ["outside", "tree"])
    top.remove("tree")
    top.remove("nothing")
    let after = try top.names()
    #expect(after == ["outside"])
  }

  @Test func knowsWhenItIsGone() throws {
    let directory = try PrivateDirectory(making: folder.path(of: "a"))
    let before = directory.isRemoved
    rmdir(folder.path(of: "a"))
    let after = directory.isRemoved
    #expect([before, after] == [false, true])
  }

  @Test func aDuplicateIsItsOwnAndCloseOnExec() throws {
    try folder.write("text", to: "a")
    let file = try Descriptor.open(folder.path(of: "a"), flags: O_RDONLY)
    let copy = try file.duplicated()
    #expect(copy.number != file.number)
    #expect(fcntl(copy.number, F_GETFD) & FD_CLOEXEC != 0)
    #expect(throws: Failure.self) { _ = try Descriptor(owning: -1).duplicated() }
  }
}
