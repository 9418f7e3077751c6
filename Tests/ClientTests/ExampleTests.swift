import Foundation
import TestSupport
import Testing

/// The examples that are files to copy or scripts to run.
@Suite(.serialized, .timed) struct ExampleTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    try Clients.require("ssh", "rsync", "tar", "python3")
    simulator = try Self.shared.fresh()
    testHome = try TestHome.ofUser(simulator)
  }

  @Test func listNamesEveryOne() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Examples.folder)
    let list = try Examples.text("README.md")
    for name in names where name != "README.md" {
      #expect(list.contains("\n| `\(name)` |") || list.contains("\n| `\(name)/` |"), "\(name)")
    }
  }

  @Test(arguments: machines)
  func configurationByHand(_ machine: String) throws {
    let own = testHome.home.read(".ssh/config") ?? ""
    try testHome.home.write(try Examples.text("ssh_config") + own, to: ".ssh/config")
    for _ in 1...2 {
      let end = try testHome.run("ssh \(machine) 'echo $USER'")
      #expect(end.status == 0, "\(end)")
      #expect(end.output != "\n")
      #expect(end.errors == "")
    }
    // Other hosts are none of its business.
    #expect(!(try testHome.run("ssh -G example.com").output.contains("proxycommand")))
  }

  @Test func oneLineForTensorPool() throws {
    let own = testHome.home.read(".ssh/config") ?? ""
    try testHome.home.write(try Examples.text("tensorpool.conf") + own, to: ".ssh/config")
    let end = try testHome.run("ssh ubuntu@node1.tensorpool 'echo $USER'")
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "ubuntu\n")
    #expect(end.errors == "")
  }

  /// The described cloud answers as the simulator's Shadeform does.
  private func describeCloud() throws -> (text: String, key: String) {
    let variables = simulator.environment
    let url = try #require(variables["SHADEFORM_BASE_URL"])
    let key = try #require(variables["SHADEFORM_API_KEY"])
    let text = try Examples.text("cloud/config.toml")
      .replacing("https://api.mycloud.example", with: url)
      .replacing("pass show mycloud", with: "echo \(key)")
    #expect(text.contains(url) && text.contains(key))
    try testHome.configure(text)
    return (text, key)
  }

  @Test func cloudOfTheConfigurationIsListed() throws {
    let (text, key) = try describeCloud()
    #expect(try testHome.run("sshproxy setup").status == 0)
    let ids = ["d290f1ee-6c54-4b01-90e6-d701748f0851", "78a0dd5a-dbb1-4568-b55c-5e7e0a8b0c40"]
    for command in ["sshproxy list mycloud", "sshproxy list"] {
      let end = try testHome.run(command)
      #expect(end.status == 0 && end.errors == "", "\(end)")
      for id in ids {
        #expect(end.output.contains("\(id).mycloud\tmycloud\tactive\t\(id)-name\t"), "\(end)")
      }
    }
    #expect(try testHome.run("sshproxy list").output.contains(".prime\tprime\t"))
    #expect(try testHome.run("sshproxy list --json mycloud").output.contains("\"A6000\""))
    let named = try testHome.run("ssh \(ids[1])-name.mycloud 'echo $USER'")
    #expect(named.status == 0 && named.output == "shadeform\n", "\(named)")
    // It says 404 to a key that is none of its own: only the list tells that from a machine that is not there.
    try simulator.scenario(#"{"faults": [{"path": "/info$", "status": 404, "times": -1}]}"#)
    let alias = "00000000-0000-4000-8000-000000000001.mycloud"
    let gone = try testHome.run("sshproxy prepare \(alias)")
    #expect(gone.status == 68 && gone.errors.contains("no such machine"), "\(gone)")
    try testHome.configure(text.replacing("echo \(key)", with: "echo wrong"))
    let refused = try testHome.run("sshproxy prepare \(alias)")
    #expect(refused.status == 77 && refused.errors.contains("refuses the key"), "\(refused)")
    let unlisted = try testHome.run("sshproxy list mycloud")
    #expect(unlisted.status == 77, "\(unlisted)")
    let unknown = try testHome.run("sshproxy list nocloud")
    #expect(unknown.status == 64 && unknown.errors.contains("mycloud"), "\(unknown)")
  }

  @Test func cloudFromTheConfigurationAlone() throws {
    let (text, key) = try describeCloud()
    #expect(try testHome.run("sshproxy setup").status == 0)
    let alias = "d290f1ee-6c54-4b01-90e6-d701748f0851.mycloud"
    for _ in 1...2 {
      let end = try testHome.run("ssh \(alias) 'echo $USER'")
      #expect(end.status == 0, "\(end)")
      #expect(end.output == "shadeform\n")
    }
    let missing = try testHome.run("sshproxy prepare nothere.mycloud")
    #expect(missing.status == 68, "\(missing)")
    try testHome.configure(text.replacing("api_key_command", with: "# api_key_command"))
    let keyless = try testHome.run("sshproxy prepare 00000000-0000-4000-8000-000000000001.mycloud")
    #expect(keyless.status == 77, "\(keyless)")
    #expect(keyless.errors.contains("sshproxy login mycloud"), "\(keyless)")
    let stored = try testHome.run(
      "echo \(key) | sshproxy login mycloud && sshproxy prepare "
        + "00000000-0000-4000-8000-000000000001.mycloud")
    #expect(stored.status == 0, "\(stored)")
    let refused = try testHome.run("echo wrong | sshproxy login mycloud")
    #expect(refused.status == 77, "\(refused)")
  }

  @Test func rsyncBackup() throws {
    let folder = try testHome.machineFolder()
    #expect(try testHome.run("sshproxy setup").status == 0)
    let program = Examples.path("rsync-backup")
    let end = try testHome.run(
      """
      mkdir \(folder)/data
      echo same > \(folder)/data/same
      echo first > \(folder)/data/changing
      \(program) sb1.prime:\(folder)/data copies monday
      echo second > \(folder)/data/changing
      rm -f \(folder)/data/gone
      \(program) sb1.prime:\(folder)/data copies tuesday
      \(program) dm-abc.dedalus:\(folder)/data copies tuesday
      cat copies/monday/changing copies/tuesday/changing copies/latest/changing
      stat --format=%h copies/monday/same copies/tuesday/changing
      ls -A copies
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "first\nsecond\nsecond\n2\n1\nlatest\nmonday\ntuesday\n")
    #expect(end.errors == "")
    let misuse = try testHome.run("\(program) sb1.prime:/data")
    #expect(misuse.status == 64)
    #expect(misuse.errors.hasPrefix("usage: rsync-backup ALIAS:FOLDER DESTINATION"))
    // What was there stays where a copy fails.
    let failed = try testHome.run("\(program) sb1.prime:\(folder)/nothing copies tuesday")
    #expect(failed.status != 0)
    #expect(testHome.home.read("copies/tuesday/changing") == "second\n")
  }
}
