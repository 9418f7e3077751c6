import Foundation
import SystemIO
import TestSupport
import Testing

/// Whether only oneself and root can change where a path leads.
@Suite struct SafePathTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("way") }

  /// Makes `a/b/c`, below a directory that everybody can enter.
  private func make() {
    chmod(folder.path, 0o755)
    for name in ["a", "a/b", "a/b/c"] { mkdir(folder.path(of: name), 0o755) }
  }

  private func problem(_ name: String = "a/b/c") -> SafePath.Problem? {
    SafePath.problem(leadingTo: folder.path(of: name))
  }

  @Test func onesOwnWayIsSafe() {
    make()
    #expect(problem() == nil)
    #expect(SafePath.problem(leadingTo: "/etc/ssh/ssh_config") == nil)
    // What does not exist yet can be made.
    #expect(problem("a/b/new/newer") == nil)
    // The last part is for whoever opens it.
    chmod(folder.path(of: "a/b/c"), 0o777)
    #expect(problem() == nil)
  }

  @Test(arguments: [mode_t(0o775), 0o757, 0o777, 0o2775])
  func aParentThatOthersCanWriteIsNot(_ mode: mode_t) {
    make()
    chmod(folder.path(of: "a"), mode)
    #expect(problem()?.path == folder.path(of: "a"))
    #expect(problem()?.clause == "others can change \(folder.path(of: "a"))")
    #expect(problem()?.remedy.contains("chmod go-w") == true)
    // As /tmp: nobody can rename what is another's.
    chmod(folder.path(of: "a"), mode | 0o1000)
    #expect(problem() == nil)
  }

  /// A group cannot write where it cannot get to, as with the umask 002 in a home that is 0700 or 0711.
  @Test func aGroupThatCannotEnterChangesNothing() {
    make()
    chmod(folder.path(of: "a/b"), 0o775)
    for (mode, isSafe) in [(mode_t(0o700), true), (0o710, false), (0o701, false)] {
      chmod(folder.path(of: "a"), mode)
      #expect((problem() == nil) == isSafe)
    }
    // A directory that everybody may write is never meant.
    chmod(folder.path(of: "a"), 0o700)
    chmod(folder.path(of: "a/b"), 0o777)
    #expect(problem()?.path == folder.path(of: "a/b"))
  }

  @Test func linksAreFollowedWithTheSameEyes() {
    make()
    mkdir(folder.path(of: "open"), 0o755)
    mkdir(folder.path(of: "open/x"), 0o755)
    symlink("../open/./x", folder.path(of: "a/relative"))
    symlink(folder.path(of: "open/x"), folder.path(of: "absolute"))
    symlink("loop", folder.path(of: "loop"))
    for name in ["a/relative", "absolute", "a/relative/y", "a/../absolute", "loop", "loop/x"] {
      #expect(problem(name) == nil, "\(name)")
    }
    chmod(folder.path(of: "open"), 0o777)
    for name in ["a/relative", "absolute", "a/relative/y", "a/../absolute"] {
      #expect(problem(name)?.path == folder.path(of: "open"), "\(name)")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give away a file"))
  func anothersDirectoryOrLinkIsNot() {
    make()
    symlink("b", folder.path(of: "a/link"))
    lchown(folder.path(of: "a/link"), 1, 1)
    #expect(problem("a/link")?.path == folder.path(of: "a/link"))
    #expect(problem("a/link/c")?.clause == "\(folder.path(of: "a/link")) is another user's link")
    chown(folder.path(of: "a"), 1, 1)
    #expect(problem()?.clause == "\(folder.path(of: "a")) belongs to another user")
    // Nobody's stands for root in a user namespace alone.
    chown(folder.path(of: "a"), OrdinaryUser.identifier, OrdinaryUser.identifier)
    #expect(problem()?.path == folder.path(of: "a"))
  }

  @Test func nothingIsMadeBehindIt() {
    make()
    chmod(folder.path(of: "a"), 0o777)
    #expect(throws: Failure.self) {
      let made = try PrivateDirectory(making: folder.path(of: "a/b/new"))
      return try made.names()
    }
    #expect(!folder.exists("a/b/new"))
  }
}
