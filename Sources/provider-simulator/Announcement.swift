import Foundation

/// Says that everything answers: the one line on stdout, and `env.sh`.
struct Announcement {
  let setting: Simulator.Setting
  /// The simulator's own URL, where `setting.url` may be that of something in front.
  let control: String

  /// - Throws: `Misuse` when an sshd does not answer.
  func make() throws {
    // One of each kind answers for those that are configured alike.
    for realm in Dictionary(grouping: Realm.all, by: \.opening).values.compactMap(\.first) {
      let greeting = setting.places[realm].flatMap { Loopback.greeting(of: $0, seconds: 5) } ?? ""
      guard greeting.hasPrefix("SSH-2.0-") else {
        throw Misuse(
          "sshd of \(realm.name) answers '\(greeting)'; see \(setting.directory.path)")
      }
    }
    try writeEnvironment()
    let sshd = setting.places.map { realm, place in
      (realm.name, ["host": .string(place.host), "port": .integer(Int(place.port))] as JSON)
    }
    let line: JSON = [
      "url": .string(control), "public_url": .string(setting.url),
      "directory": .string(setting.directory.path),
      "environment": .object(environment.mapValues { .string($0) }),
      "sshd": .object(Dictionary(sshd) { first, _ in first }),
      "vm": ["host": "127.0.0.1", "port": .integer(Int(setting.preamblePort))],
      "user_key": .string(setting.directory.appending(path: "user_key").path),
      "host_authority": .string(setting.keys.hostAuthority.path + ".pub"),
    ]
    FileHandle.standardOutput.write(Data("\(line.text)\n".utf8))
  }

  /// What has the vendors' clients and ours use the simulator.
  private var environment: [String: String] {
    SimulatedVendor.all.reduce(into: [:]) { result, vendor in
      result.merge(vendor.environment(setting.url, setting.credentials[vendor])) { first, _ in first
      }
    }
  }

  private func writeEnvironment() throws {
    let lines = environment.sorted { $0.key < $1.key }.map { "export \($0.key)='\($0.value)'" }
    let more = "export PROVIDER_SIMULATOR_URL='\(control)'"
    let file = setting.directory.appending(path: "env.sh")
    try Data((lines + [more, ""]).joined(separator: "\n").utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
  }
}
