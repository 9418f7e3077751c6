import Foundation
import TestSupport
import Testing

/// What the hints on a provider's key, or on what is not at the provider, say, done, ends in a login.
@Suite(.serialized, .timed) struct KeyHintTests: HintSuite {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// A key that the provider refuses, kept by `login`.
  @Test(arguments: [
    ("prime", "PRIME_API_KEY", "sb1.prime"), ("dedalus", "DEDALUS_API_KEY", "dm-abc.dedalus"),
    ("tensorpool", "TENSORPOOL_KEY", "node1.tensorpool"),
    ("runpod", "RUNPOD_API_KEY", "7h9k2m4n6p.runpod"), ("vast", "VAST_API_KEY", "31415926.vast"),
    ("shadeform", "SHADEFORM_API_KEY", "d290f1ee-6c54-4b01-90e6-d701748f0851.shadeform"),
    ("daytona", "DAYTONA_API_KEY", "b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e.daytona"),
  ])
  func refusedKey(_ provider: String, _ variable: String, _ alias: String) throws {
    let key = try #require(testHome.environment[variable])
    testHome.environment[variable] = nil
    try testHome.home.write(
      "[\(provider)]\napi_key = \"wrong\"\n", to: ".config/sshproxy/credentials.toml", mode: 0o600)
    let end = try testHome.sshproxy(["prepare", alias])
    #expect(end.status == 77 && end.errors.contains("`sshproxy login \(provider)`"), "\(end)")
    let empty = try testHome.sshproxy(["login", provider])
    #expect(empty.status != 0 && empty.errors.contains("pipe the key in"), "\(empty)")
    let file = try testHome.home.write(key, to: "typed")
    let login = try testHome.start(BuiltProgram.sshproxy, ["login", provider], input: .file(file))
      .end(within: 20)
    #expect(login.status == 0, "\(login)")
    try testHome.setUp()
    try expectLogin(alias)
  }

  @Test func commandForTheKeyThatFails() throws {
    let key = try #require(testHome.environment["PRIME_API_KEY"])
    testHome.environment["PRIME_API_KEY"] = nil
    try testHome.configure("[prime]\napi_key_command = \"cat '\(testHome.home.path)/key'\"\n")
    let end = try testHome.sshproxy(["prepare", "sb1.prime"])
    #expect(end.errors.contains("hint: run the command by hand; it stands in"), "\(end)")
    try testHome.home.write(key + "\n", to: "key", mode: 0o600)
    try testHome.setUp()
    try expectLogin()
  }

  @Test func keyForExecThatIsInNoAgent() throws {
    let exec = ["exec", "--accept-new", "node1.tensorpool", "--", "true"]
    let end = try testHome.sshproxy(exec)
    #expect(end.errors.contains("add the right key to the agent: `ssh-add FILE`"), "\(end)")
    let script = "ssh-add -q '\(simulator.userKey)' && '\(BuiltProgram.sshproxy)' "
    let again = try testHome.start(
      "/usr/bin/ssh-agent", ["/bin/bash", "-c", script + exec.joined(separator: " ")]
    ).end(within: 20)
    #expect(again.status == 0, "\(again)")
  }

  @Test(arguments: [
    ("prime", "nobody", "sb2"), ("dedalus", "dm-nobody", "dm-def"),
    ("prime-pod", "0000000000000000", "6f1c2a9be0d74c53"), ("runpod", "0000000000", "3c8w5x1z9q"),
    ("vast", "10000001", "27182818"),
    (
      "daytona", "99999999-0000-4000-8000-000000000009", "c8a4d2e3-6f7b-4d9c-8e1f-2a3b4c5d6e7f"
    ),
  ])
  func sandboxThatIsNotThere(_ vendor: String, _ nobody: String, _ id: String) throws {
    if vendor == "prime" { try simulator.scenario(#"{"prime": {"sandboxes": ["sb2"]}}"#) }
    let end = try testHome.sshproxy(["prepare", "\(nobody).\(vendor)"])
    #expect(end.errors.contains("`sshproxy list \(vendor)` shows what there is"), "\(end)")
    let list = try testHome.sshproxy(["list", vendor])
    #expect(list.output.contains("\(id).\(vendor)"), "\(list)")
    try testHome.setUp()
    try expectLogin("\(id).\(vendor)")
  }
}
