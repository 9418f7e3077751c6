import SystemIO
import TestSupport
import Testing

/// What a confined process can still do when it has been taken over. Debug builds try it themselves,
/// from inside each phase (`EscapeAttempt`). A sanitizer's own work at the end is denied too, so there
/// these tests are not run.
@Suite(.serialized, .timed, .enabled(if: Sanitizers.areOff && !BuiltProgram.isPortable))
struct ConfinementTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome
  /// Where nobody has any business to connect to.
  let outside: LoopbackListener

  /// Kernels: the whole, one without Landlock, one without seccomp.
  static let kernels = ["all", "calls", "files"]

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
    outside = try LoopbackListener()
    try testHome.home.write("a key", to: ".ssh/id_ed25519", mode: 0o600)
    testHome.environment["SSHPROXY_TRY_ESCAPE"] = String(outside.port)
  }

  /// The attempts' errors by their names; 0 where one has succeeded.
  private func attempts(_ errors: String) -> [String: Int32] {
    var result: [String: Int32] = [:]
    for line in errors.split(separator: "\n") where line.hasPrefix("escape: ") {
      let words = line.split(separator: " ")
      result[String(words[1])] = Int32(words[2])
    }
    return result
  }

  private static let denials = [EPERM, EACCES]

  /// Where Landlock is not asked, or has no word: only seccomp denies these.
  private static let besideLandlock: Set = [
    "fastopen", "mptcp", "type", "chmod", "fchmodat", "share",
  ]
  private static let allAttempts = besideLandlock.union([
    "read", "write", "truncate", "connect", "run",
  ])
  /// A gateway of Prime's may be on any port, so a talk with Prime may connect anywhere.
  private static let allButConnecting = allAttempts.subtracting(["connect"])

  /// Each attempt was made, and each of these was denied.
  private func expectDenied(
    _ errors: String, _ names: Set<String> = allAttempts, kernel: String = "all"
  ) {
    let names = kernel == "files" ? names.subtracting(Self.besideLandlock) : names
    let found = attempts(errors)
    #expect(Set(found.keys) == Self.allAttempts, "\(errors)")
    for (attempt, error) in found where names.contains(attempt) {
      #expect(Self.denials.contains(error), "\(attempt): \(error)")
    }
    if names.contains("chmod") {
      let key = testHome.home.path(of: ".ssh/id_ed25519")
      #expect(FileStatus(of: key)?.permissions == 0o600, "\(errors)")
    }
    if names.contains("connect"), kernel != "files" { #expect(!outside.hasVisitor(within: 50)) }
    guard names.contains("write") else { return }
    #expect(access(testHome.home.path(of: ".bashrc"), F_OK) != 0)
  }

  @Test(arguments: ["splice", "copy"], kernels)
  func theRelayMovesBytesAndNothingElse(_ relay: String, _ kernel: String) throws {
    let server = try LoopbackListener()
    try testHome.configureLab(port: Int(server.port))
    testHome.environment["SSHPROXY_RELAY"] = relay
    testHome.environment["SSHPROXY_CONFINE"] = kernel
    let input = try OpenPipe()
    let program = try testHome.start(
      BuiltProgram.sshproxy, ["connect", "lab"], input: input.source)
    let peer = try server.accept()
    try peer.send("first ")
    #expect(eventually { attempts(program.errors).count == Self.allAttempts.count })
    expectDenied(program.errors, kernel: kernel)
    try input.say("hello")
    input.closeWriting()
    #expect(try peer.receiveToEnd() == "hello")
    try peer.send("last")
    peer.close()
    let end = program.end(within: 5)
    #expect(end.status == 0 && end.output == "first last", "\(end)")
  }

  @Test(arguments: kernels)
  func execStreamsAndNothingElse(_ kernel: String) throws {
    testHome.environment["SSHPROXY_CONFINE"] = kernel
    let end = try testHome.sshproxy([
      "exec", "dm-abc.dedalus", "--", "head -c 3000000 /dev/zero; exit 3",
    ])
    #expect(end.status == 3 && end.output.utf8.count == 3_000_000, "\(end.errors)")
    expectDenied(end.errors, kernel: kernel)
  }

  /// It has to talk to the provider once more.
  @Test(arguments: ["sb1.prime", "dm-abc.dedalus"])
  func execOfOneSessionClosesItAndNothingElse(_ alias: String) throws {
    let end = try testHome.sshproxy(["exec", "--ephemeral", alias, "--", "echo done"])
    #expect(end.status == 0 && end.output == "done\n", "\(end)")
    expectDenied(end.errors)
    #expect(try simulator.requests().contains { $0.method == "DELETE" })
  }

  @Test(arguments: kernels)
  func theJumpRouteStreamsAndNothingElse(_ kernel: String) throws {
    testHome.environment["SSHPROXY_CONFINE"] = kernel
    let target = "127.0.0.1:\(simulator.ports["plain"] ?? 0)"
    let end = try testHome.sshproxy(["connect", "--jump-to", target, "dm-abc.dedalus"])
    #expect(end.status == 0 && end.output.hasPrefix("SSH-2.0-"), "\(end)")
    expectDenied(end.errors, kernel: kernel)
  }

  @Test(arguments: [
    ["prepare", "sb1.prime"], ["prepare", "dm-abc.dedalus"], ["prepare", "node1.tensorpool"],
    ["resolve", "--create", "sb1.prime"], ["list"], ["close", "--all"], ["login", "prime"],
  ])
  func talksReachTheProviderAndNothingElse(_ words: [String]) throws {
    if words[0] == "close" { try prepareTwo() }
    let key = try testHome.home.write(simulator.environment["PRIME_API_KEY"] ?? "", to: "key")
    let end = try testHome.start(BuiltProgram.sshproxy, words, input: .file(key)).end()
    #expect(end.status == 0, "\(end)")
    let isWithGateway = words.last == "sb1.prime"
    expectDenied(end.errors, isWithGateway ? Self.allButConnecting : Self.allAttempts)
  }

  private func prepareTwo() throws {
    let attempts = testHome.environment.removeValue(forKey: "SSHPROXY_TRY_ESCAPE")
    defer { testHome.environment["SSHPROXY_TRY_ESCAPE"] = attempts }
    for alias in ["sb1.prime", "dm-abc.dedalus"] {
      #expect(try testHome.sshproxy(["prepare", alias]).status == 0)
    }
  }

  @Test func talksAreConfinedAsFarAsTheKernelGoes() throws {
    testHome.environment["SSHPROXY_CONFINE"] = "files"
    expectDenied(try testHome.sshproxy(["prepare", "dm-abc.dedalus"]).errors, kernel: "files")
    testHome.environment["SSHPROXY_CONFINE"] = "calls"
    try testHome.home.write("a key", to: ".ssh/id_ed25519", mode: 0o600)
    expectDenied(
      try testHome.sshproxy(["prepare", "sb2.prime"]).errors,
      Self.besideLandlock.union(["run", "truncate"]))
  }

  /// Without the confinement all of it succeeds, so these tests can fail.
  @Test func theAttemptsAreReal() throws {
    testHome.environment["SSHPROXY_CONFINE"] = "none"
    let end = try testHome.sshproxy(["prepare", "sb1.prime"])
    #expect(end.status == 0, "\(end)")
    // No terminal is there to type into, and not every kernel has MPTCP.
    var found = attempts(end.errors)
    #expect(found.removeValue(forKey: "type") == ENOTTY, "\(end.errors)")
    let mptcp = found.removeValue(forKey: "mptcp") ?? EPERM
    #expect([0, EPROTONOSUPPORT, ENOPROTOOPT].contains(mptcp), "\(end.errors)")
    #expect(
      found == [
        "read": 0, "write": 0, "connect": 0, "fastopen": 0, "run": 0, "chmod": 0, "fchmodat": 0,
        "truncate": 0, "share": 0,
      ], "\(end.errors)")
    #expect(outside.hasVisitor(within: 1000))
    #expect(access(testHome.home.path(of: ".bashrc"), F_OK) == 0)
  }

  /// What the tests do as root, an ordinary user's processes do too: neither part takes a privilege.
  @Test(.enabled(if: OrdinaryUser.canRunPrograms))
  func noPrivilegeIsNeeded() throws {
    let user = OrdinaryUser.identifier
    // As with the umask 002, in a group of the user's own.
    try testHome.shell("mkdir -p ~/.local && chown -R \(user):\(user) ~ && chmod g+w ~/.local")
      .expectSuccess()
    for words in [
      ["prepare", "dm-abc.dedalus"], ["exec", "sb1.prime", "--", "true"],
      ["connect", "--jump-to", "127.0.0.1:\(simulator.ports["plain"] ?? 0)", "sb1.prime"],
    ] {
      let end = try testHome.startAsOrdinaryUser(words).end()
      #expect(end.status == 0, "\(end)")
      expectDenied(end.errors)
    }
  }
}

extension ProgramEnd {
  fileprivate func expectSuccess() { #expect(status == 0, "\(self)") }
}
