import Configuration
import SystemIO
import TestSupport
import Testing

@Suite struct FileLocationsTests {
  @Test func startsAtHome() throws {
    let files = try FileLocations(environment: ["HOME": "/home/u/"])
    #expect(files.home == "/home/u")
    #expect(files.configurationFile == "/home/u/.config/sshproxy/config.toml")
    #expect(files.credentialsFile == "/home/u/.config/sshproxy/credentials.toml")
    #expect(files.stateDirectory == "/home/u/.local/state/sshproxy")
  }

  @Test func honoursAbsoluteVariablesAlone() throws {
    let files = try FileLocations(environment: [
      "HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "relative",
    ])
    #expect(files.configurationDirectory == "/c/sshproxy")
    #expect(files.stateDirectory == "/h/.local/state/sshproxy")
  }

  @Test func takesTheCommandLineFirst() throws {
    let environment = ["HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"]
    let home = try FileLocations(home: "/other", environment: environment)
    #expect(home.configurationDirectory == "/other/.config/sshproxy")
    #expect(home.stateDirectory == "/other/.local/state/sshproxy")
    let state = try FileLocations(config: "/x/", state: "/y", environment: environment)
    #expect(state.home == "/h")
    #expect(state.configurationDirectory == "/x")
    #expect(state.stateDirectory == "/y")
  }

  @Test func fallsBackToThePasswordFile() throws {
    for environment in [[:], ["HOME": ""], ["HOME": "relative"]] {
      #expect(try FileLocations(environment: environment, passwordFileHome: "/p").home == "/p")
    }
    #expect(failure { try FileLocations(environment: [:]) }?.kind == .configuration)
  }

  @Test func refusesRelativeWords() {
    #expect(failure { try FileLocations(home: "h", environment: [:]) }?.kind == .usage)
    #expect(failure { try FileLocations(state: "", environment: ["HOME": "/h"]) }?.kind == .usage)
  }
}
