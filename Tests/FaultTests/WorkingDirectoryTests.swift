import Foundation
import TestSupport
import Testing

/// What lies in the directory that the program is started in is not the user's word.
@Suite struct WorkingDirectoryTests {
  @Test func isNotLookedInto() async throws {
    try await Gate.shared.run {
      let testHome = try FaultHome()
      let trap = testHome.home.path(of: "sprung")
      let folder = "repository"
      for name in ["sshproxy-session", "ssh", "sh", "ssh-keyscan", "my-cloud"] {
        try testHome.home.write(
          "#!/bin/sh\ntouch '\(trap)'\n", to: "\(folder)/\(name)", mode: 0o700)
      }
      let evil = "pit_evil\nTENSORPOOL_KEY=tp-evil\nDEDALUS_API_KEY=dsk-evil\n"
      try testHome.home.write("PRIME_API_KEY=" + evil, to: "\(folder)/.env")
      for name in ["config.toml", ".config/sshproxy/config.toml", ".ssh/config", "ssh_config"] {
        try testHome.home.write("[nonsense\n", to: "\(folder)/\(name)")
      }
      try testHome.home.write(
        #"{"api_key": "pit_evil"}"#, to: "\(folder)/.prime/config.json")
      let script = #"cd "$1" && shift && exec "$@""#
      for alias in ["sb1.prime", "dm-1.dedalus", "node1.tensorpool"] {
        let words = [testHome.home.path(of: folder), BuiltProgram.sshproxy, "connect", alias]
        let run = try testHome.start(["-c", script, "sh"] + words, program: "/bin/sh")
        let end = run.end()
        #expect(end.status == 0 && end.output == EndpointManner.banner, "\(end)")
      }
      // Without a key of the user's there is none, whatever the directory offers.
      for (alias, key) in [
        ("sb2.prime", "PRIME_API_KEY"), ("dm-2.dedalus", "DEDALUS_API_KEY"),
        ("node2.tensorpool", "TENSORPOOL_KEY"),
      ] {
        testHome.environment[key] = nil
        let words = [testHome.home.path(of: folder), BuiltProgram.sshproxy, "prepare", alias]
        let run = try testHome.start(["-c", script, "sh"] + words, program: "/bin/sh")
        let end = run.end()
        #expect(end.status == 77, "\(end)")
      }
      let sent = testHome.provider.allRequests.map(\.head)
      #expect(sent.count >= 3 && sent.allSatisfy { !$0.contains("evil") })
      #expect(!FileManager.default.fileExists(atPath: trap))
    }
  }
}
