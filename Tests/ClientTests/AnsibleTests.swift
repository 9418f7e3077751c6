import TestSupport
import Testing

/// Ansible runs the example playbook on ten machines at once.
@Suite(.serialized, .timed) struct AnsibleTests {
  static let shared = SharedSimulator()

  @Test func playsOnTenMachinesAtOnce() throws {
    try Clients.require("ansible-playbook")
    let simulator = try Self.shared.fresh()
    let testHome = try TestHome.ofUserAfterSetup(simulator)
    let folder = try testHome.machineFolder()
    let end = try testHome.run(
      """
      ansible-playbook --forks 10 -i \(Examples.path("ansible/inventory.yaml")) \\
        -e to=\(folder) \(Examples.path("ansible/playbook.yaml"))
      """, within: 300)
    #expect(end.status == 0, "\(end)")
    let recap = end.output.split(separator: "\n").filter { $0.contains("unreachable=0") }
    #expect(recap.count == 10, "\(end)")
    #expect(recap.allSatisfy { $0.contains("ok=3 ") && $0.contains("failed=0 ") }, "\(end)")
    let files = (1...8).map { "sb\($0).prime.sh" } + ["dm-abc.dedalus.sh", "node1.tensorpool.sh"]
    #expect(testHome.home.names(in: "machine") == files.sorted())
    let creations = try simulator.requests().filter { $0.path.hasSuffix("/ssh-session") }
    #expect(creations.count == 8)
  }
}
