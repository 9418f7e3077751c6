import Foundation
import TestSupport
import Testing

/// What root has made in a user's home is named with its owner and with what to do, and whoever
/// does it goes on. It takes root, who can be another user, too.
@Suite(.serialized, .enabled(if: OrdinaryUser.canRunPrograms)) struct ForeignOwnerTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome
  private static let user = OrdinaryUser.identifier

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome(simulator)
    let key = try #require(testHome.environment["PRIME_API_KEY"])
    testHome.environment["PRIME_API_KEY"] = nil
    try testHome.configure("")
    try testHome.home.write(
      "[prime]\napi_key = \"\(key)\"\n", to: ".config/sshproxy/credentials.toml", mode: 0o600)
    #expect(try testHome.shell("chown -R \(Self.user) \"$HOME\"").status == 0)
  }

  private func user(_ words: String...) throws -> ProgramEnd {
    try testHome.startAsOrdinaryUser(words).end()
  }

  private func hint(_ end: ProgramEnd) throws -> String {
    #expect(end.status != 0, "\(end)")
    return try #require(end.errorLines("sshproxy: hint: ").first, "\(end)")
  }

  @Test(arguments: [
    ".local", TestHome.state, "\(TestHome.state)/sessions", "\(TestHome.state)/sessions/sb1.prime",
    "\(TestHome.state)/sessions/sb1.prime/lock", ".config/sshproxy/config.toml",
    ".config/sshproxy/credentials.toml",
  ])
  func whatIsRootsIsNamed(_ name: String) throws {
    #expect(try user("prepare", "sb1.prime").status == 0)
    let path = testHome.home.path(of: name)
    #expect(try testHome.shell("chown -R 0 '\(path)' && chmod -R go= '\(path)'").status == 0)
    let text = try hint(try user("close", "sb1.prime"))
    #expect(text.contains("\(path) belongs to root; if it was made under sudo: "), "\(text)")
    // What ssh runs first says the same. A good session needs neither of these two.
    let prepare = try user("prepare", "sb1.prime")
    let isNeedless = name.hasSuffix("/lock") || name.hasSuffix("/config.toml")
    #expect(isNeedless ? prepare.status == 0 : try hint(prepare) == text, "\(prepare)")
    let check = try user("check")
    #expect(check.status != 0 && check.output.contains("\(path) belongs to root"), "\(check)")
    let command = try #require(text.split(separator: "`").dropFirst().first)
    #expect(command == "sudo chown -R \(Self.user) \(path)", "\(text)")
    // sudo may not be installed; this is root.
    #expect(try testHome.shell(String(command.dropFirst("sudo ".count))).status == 0)
    #expect(try user("close", "sb1.prime").status == 0)
    #expect(try user("prepare", "sb1.prime").status == 0)
  }

  /// A configuration that root has made, as home-manager does, is used, and no fault.
  @Test func aConfigurationOfRootsThatIsReadIsNoFault() throws {
    let path = testHome.home.path(of: ".config/sshproxy/config.toml")
    #expect(try testHome.shell("chown 0 '\(path)' && chmod 644 '\(path)'").status == 0)
    #expect(try user("prepare", "sb1.prime").status == 0)
    let check = try user("check")
    #expect(check.output.contains("yours alone"), "\(check)")
  }

  /// A directory that the user's own group may write is nobody else's, unless an access control list gives others
  /// what the group's bits say.
  @Test func anAccessListIsNoGroupOfTheUsersOwn() throws {
    let folder = testHome.home.path(of: ".local")
    let making =
      "chmod 755 ~ && mkdir '\(folder)' && chown \(Self.user):\(Self.user) '\(folder)' && chmod 775 '\(folder)'"
    #expect(try testHome.shell(making).status == 0)
    #expect(try user("prepare", "sb1.prime").status == 0)
    // acl(5): the owner, user 1, the group, the mask, others.
    let list = """
      import os, struct
      entries = [(1, 7, -1), (2, 7, 1), (4, 7, -1), (16, 7, -1), (32, 5, -1)]
      data = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
      os.setxattr("\(folder)", "system.posix_acl_access", data)
      """
    let end = try testHome.start("/usr/bin/python3", ["-c", list]).end()
    // Not every file system has them.
    guard !end.errors.contains("Operation not supported") else { return }
    #expect(end.status == 0, "\(end)")
    let prepare = try user("prepare", "sb1.prime")
    #expect(prepare.status != 0, "\(prepare)")
    #expect(prepare.errors.contains("others can change \(folder)"), "\(prepare)")
    // The hint takes the list's rights, too.
    #expect(try testHome.shell("chmod go-w '\(folder)'").status == 0)
    #expect(try user("prepare", "sb1.prime").status == 0)
  }

  /// What somebody has put there, while others could write, is nothing to be taken over with root's rights.
  @Test func whatIsAnotherUsersIsMovedAway() throws {
    #expect(try user("prepare", "sb1.prime").status == 0)
    let path = testHome.home.path(of: "\(TestHome.state)/sessions/sb1.prime")
    #expect(try testHome.shell("chown -R 1234 '\(path)' && chmod -R go= '\(path)'").status == 0)
    let text = try hint(try user("close", "sb1.prime"))
    #expect(text.contains("\(path) belongs to user 1234; move it away"), "\(text)")
    #expect(!text.contains("sudo"), "\(text)")
    #expect(try testHome.shell("mv '\(path)' ~/away").status == 0)
    #expect(try user("prepare", "sb1.prime").status == 0)
  }

  /// `sudo sshproxy` with the user's home.
  @Test func rootInAUsersHomeIsToldToBeTheUser() throws {
    let text = try hint(try testHome.sshproxy(["prepare", "sb1.prime"]))
    #expect(text.hasSuffix("run it without sudo, as user \(Self.user)"), "\(text)")
    #expect(try user("prepare", "sb1.prime").status == 0)
  }

  /// A directory of root's on the way to what is the user's harms nobody.
  @Test func whatIsTheUsersBelowIsUsed() throws {
    #expect(try user("prepare", "sb1.prime").status == 0)
    #expect(try testHome.shell("chown 0 ~/.local && chmod 755 ~/.local").status == 0)
    #expect(!(try user("check")).output.contains("belongs to root"))
    #expect(try user("close", "sb1.prime").status == 0)
  }
}
