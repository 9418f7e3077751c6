import TestSupport
import Testing

/// What a cloud's machine does before one can log in to it.
@Suite(.serialized, .timed) struct InstanceTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// Each node of a pod has a port of its own.
  @Test func nodesAreToldApart() throws {
    try testHome.setUp()
    let ports = try ["pod7", "n1.pod7", "n2.pod7"].map { name in
      let end = try testHome.ssh(["\(name).prime-pod", "set -- $SSH_CONNECTION; echo $4"])
      #expect(end.status == 0, "\(end)")
      return end.output
    }
    #expect(ports[0] == ports[1] && ports[1] != ports[2], "\(ports)")
    let third = try testHome.ssh(["n3.pod7.prime-pod", "true"])
    #expect(third.status == 255)
    #expect(third.errors.contains("the pod has 2 nodes, and no node 3"), "\(third)")
  }

  /// By the pod's name as by its id.
  @Test func aNodeIsFoundByItsPodsName() throws {
    try simulator.scenario(#"{"prime_pod": {"nodes": 2}}"#)
    let ports = try ["6f1c2a9be0d74c53", "6f1c2a9be0d74c53-name"].map { pod in
      let end = try testHome.sshproxy(["resolve", "--create", "--json", "n2.\(pod).prime-pod"])
      #expect(end.status == 0, "\(end)")
      return end.output.split(separator: "\n").first { $0.contains("\"port\"") }
    }
    #expect(ports[0] != nil && ports[0] == ports[1], "\(ports)")
  }

  @Test(arguments: [
    (Machine.pod, "prime_pod", ["PROVISIONING", "PENDING", "ACTIVE"]),
    (.runpod, "runpod", ["PROVISIONING", "STARTING", "RUNNING"]),
    (.vast, "vast", ["", "loading", "running"]),
    (.lambda, "lambda", ["booting", "active"]),
    (.shadeform, "shadeform", ["creating", "pending", "active"]),
  ])
  func isWaitedForWhileItStarts(_ machine: Machine, _ name: String, _ states: [String]) throws {
    guard machine != .lambda || Machine.mayHavePort22 else { return }
    let course = states.map { "\"\($0)\"" }.joined(separator: ", ")
    try simulator.scenario(#"{"\#(name)": {"states": [\#(course)]}}"#)
    try testHome.setUp()
    let end = try testHome.ssh([machine.alias, "echo $USER"])
    #expect(end.status == 0, "\(end)")
    #expect(end.output == (try machine.login(at: simulator)) + "\n")
  }

  @Test(arguments: [
    (Machine.pod, "prime_pod", "TERMINATED"), (.runpod, "runpod", "EXITED"),
    (.vast, "vast", "exited"), (.lambda, "lambda", "unhealthy"),
    (.shadeform, "shadeform", "deleted"),
  ])
  func whatDoesNotPassEndsAtOnce(_ machine: Machine, _ name: String, _ state: String) throws {
    try simulator.scenario(#"{"\#(name)": {"states": ["\#(state)"]}}"#)
    let end = try testHome.sshproxy(["prepare", machine.alias])
    #expect(end.status == 69, "\(end)")
    #expect(end.errors.contains("says that the machine is \(state)"), "\(end)")
    #expect(try simulator.requests().count == 1)
  }

  @Test(arguments: [
    (Machine.pod, "PRIME_API_KEY", "prime"), (.runpod, "RUNPOD_API_KEY", "runpod"),
    (.vast, "VAST_API_KEY", "vast"), (.lambda, "LAMBDA_API_KEY", "lambda"),
    (.shadeform, "SHADEFORM_API_KEY", "shadeform"),
  ])
  func missingKeyIsNamed(_ machine: Machine, _ variable: String, _ vendor: String) throws {
    let own = testHome
    own.environment[variable] = ""
    let end = try own.sshproxy(["prepare", machine.alias])
    #expect(end.status == 77, "\(end)")
    #expect(end.errors.contains("`sshproxy login \(vendor)`, or set \(variable)"), "\(end)")
    own.environment[variable] = "wrong"
    let refused = try own.sshproxy(["prepare", machine.alias])
    #expect(refused.status == 77, "\(refused)")
    #expect(refused.errors.contains("`sshproxy login \(vendor)`"), "\(refused)")
  }

  @Test func podThatCouldNotBeInstalled() throws {
    try simulator.scenario(
      #"{"prime_pod": {"states": ["ERROR"], "failure": "no capacity in region"}}"#)
    let end = try testHome.sshproxy(["prepare", Machine.pod.alias])
    #expect(end.status == 69, "\(end)")
    #expect(end.errors.contains("could not be installed: no capacity in region"), "\(end)")
  }

  @Test func stateThatNobodyKnowsIsNamedInTheEnd() throws {
    try testHome.configure("[connection]\ndeadline = 3\n")
    try simulator.scenario(#"{"runpod": {"states": ["DREAMING"]}}"#)
    let end = try testHome.sshproxy(["prepare", Machine.runpod.alias])
    #expect(end.status == 75, "\(end)")
    #expect(end.errors.contains("its state is \"DREAMING\", which is unknown"), "\(end)")
    #expect(try simulator.requests().count > 1)
  }

  @Test func podWithoutAPublicPortSaysWhatToSwitchOn() throws {
    try simulator.scenario(#"{"runpod": {"public_port": false}}"#)
    let end = try testHome.sshproxy(["prepare", Machine.runpod.alias])
    #expect(end.status == 69, "\(end)")
    #expect(end.errors.contains("no public port for ssh"), "\(end)")
    #expect(end.errors.contains("TCP port 22") && end.errors.contains("ssh.runpod.io"), "\(end)")
  }

  @Test(arguments: ["ssh_direc ssh_proxy", "jupyter_direc ssh_direc"])
  func vastWithoutADirectPort(_ kind: String) throws {
    try simulator.scenario(#"{"vast": {"direct": false, "image_runtype": "\#(kind)"}}"#)
    try testHome.setUp()
    let end = try testHome.ssh([Machine.vast.alias, "echo $USER"])
    #expect(end.output == "root\n", "\(end)")
  }

  @Test(arguments: [
    ("prime-pod", "a4d0e8b7c2f91635"), ("runpod", "3c8w5x1z9q"), ("vast", "27182818"),
    ("lambda", "1b3c5d7e9f0a4b2c8d6e4f2a0b1c3d5e"),
    ("shadeform", "78a0dd5a-dbb1-4568-b55c-5e7e0a8b0c40"),
  ])
  func isListed(_ vendor: String, _ id: String) throws {
    try simulator.scenario(#"{"vast": {"per_page": 1}, "prime_pod": {"per_page": 1}}"#)
    let end = try testHome.sshproxy(["list", vendor])
    #expect(end.status == 0, "\(end)")
    #expect(end.output.contains("\(id).\(vendor)\t"), "\(end)")
    #expect(end.output.split(separator: "\n").count == 2, "\(end)")
  }
}
