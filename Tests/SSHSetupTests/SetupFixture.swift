import Foundation
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import SSHSetup

/// A home with a program that stands for `sshproxy`: it notes how it is called.
struct SetupFixture {
  /// The ssh that reads what is written; `scripts/matrix` names others.
  static let ssh = ProcessInfo.processInfo.environment["SSHPROXY_SSH"] ?? "/usr/bin/ssh"

  let home: TemporaryDirectory
  let program: String

  init(_ name: String = "home") throws {
    home = try TemporaryDirectory(last: name)
    program = home.path(of: "bin/sshproxy")
    // prepare leaves the user's name for ssh where the real one does.
    try home.write(
      """
      #!/bin/sh
      printf '%s|' "$@" >> '\(home.path)/calls'
      echo >> '\(home.path)/calls'
      while [ $# -gt 0 ]; do
        case $1 in
          --home) state=$2/.local/state/sshproxy; shift ;;
          --state) state=$2; shift ;;
          prepare) mkdir -p "$state"
            printf 'Match originalhost %s\\n  User from-prepare\\n' "$2" > "$state/ssh_config" ;;
        esac
        shift
      done
      """, to: "bin/sshproxy", mode: 0o700)
  }

  var calls: [String] {
    (home.read("calls") ?? "")
      .split(separator: "\n").map(String.init)
  }

  func setup(
    _ toml: String? = nil, fdpass: Bool = true, config: String? = nil,
    environment: [String: String] = [:], sshHome: String? = nil
  ) throws -> SSHSetup {
    let files = try FileLocations(environment: environment.merging(["HOME": home.path]) { $1 })
    let configuration = try home.configuration(toml)
    return SSHSetup(
      program: program, files: files, patterns: configuration.aliasPatterns, fdpass: fdpass,
      listsMachines: configuration.connection.listsMachines, configFile: config, sshHome: sshHome)
  }

  /// What ssh makes of a host with `~/.ssh/config`: `ssh -G`, by keyword.
  func ssh(_ host: String, config: String = ".ssh/config") throws -> [String: String] {
    let (status, output, errors) = try run(
      SetupFixture.ssh, ["-T", "-G", "-F", home.path(of: config), host])
    #expect(status == 0, "\(errors)")
    #expect(errors.isEmpty, "\(errors)")
    return Dictionary(
      output.split(separator: "\n").map { line in
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : "")
      }, uniquingKeysWith: { first, _ in first })
  }
}

func run(
  _ program: String, _ arguments: [String], input: [UInt8]? = nil
) throws -> (status: Int32, output: String, errors: String) {
  let folder = try TemporaryDirectory("input")
  if let input { try folder.write(input, to: "input") }
  let end = try RunningProgram(
    program, arguments, environment: ProcessInfo.processInfo.environment,
    input: input == nil ? .nothing : .file(folder.path(of: "input"))
  ).end()
  return (end.status, end.output, end.errors)
}
