import Foundation
import TestSupport
import Testing

/// The script lines of `examples/ci-job.yml`, on a runner that has no ssh.
@Suite(.serialized, .timed) struct ContinuousIntegrationTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    try Clients.require("python3", "tar", "gzip")
    simulator = try Self.shared.fresh()
    testHome = try TestHome.ofUser(simulator)
    try testHome.run("rm -r .ssh").check()
    for name in ["bash", "gzip", "tar"] {
      try FileManager.default.createSymbolicLink(
        atPath: testHome.home.path(of: "bin/\(name)"),
        withDestinationPath: try #require(Clients.find(name)))
    }
    try testHome.home.write(
      """
      #!/bin/sh
      mkdir report
      echo "by $USER" > report/result
      test -e passes

      """, to: "project/run-tests", mode: 0o755)
    try testHome.home.write("", to: "project/passes")
    testHome.environment["CI_JOB_ID"] = UUID().uuidString
  }

  /// Runs a list of lines as the runner does.
  private func play(_ list: String) throws -> ProgramEnd {
    let reader = """
      python3 -c '
      import sys, yaml
      job = yaml.safe_load(open(sys.argv[1]))["test-on-gpu"]
      for name, value in job["variables"].items(): print(f"export {name}={value!r}")
      print("set -eo pipefail")
      print("\\n".join(job[sys.argv[2]]))
      ' '\(Examples.path("ci-job.yml"))' \(list) > lines
      cd project
      PATH='\(testHome.home.path)/bin' exec bash ../lines
      """
    return try testHome.run(reader)
  }

  @Test func testsRunOnTheMachine() throws {
    let end = try play("script")
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
    let session = try #require(try simulator.state().prime.sessions.first)
    #expect(testHome.home.read("project/report/result") == "by \(session.login)\n")
    #expect(try simulator.state().prime.sessions.count == 1)

    let after = try play("after_script")
    #expect(after.status == 0, "\(after)")
    #expect(try simulator.state().prime.sessions.isEmpty)
    #expect(testHome.home.names(in: "\(TestHome.state)/sessions/sb1.prime").isEmpty)
    let folder = "\(simulator.directory)/home/job-\(testHome.environment["CI_JOB_ID"] ?? "")"
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test func testThatFailsFailsTheJob() throws {
    try testHome.run("rm project/passes").check()
    let end = try play("script")
    #expect(end.status == 1, "\(end)")
    #expect(!testHome.home.exists("project/report"))
    #expect(try play("after_script").status == 0)
    #expect(try simulator.state().prime.sessions.isEmpty)
  }
}
