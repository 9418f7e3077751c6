import Foundation

/// The provider simulator as a process of its own, for one test or several.
///
/// All calls block, on plain descriptors. None uses Swift concurrency, because the tests share its few
/// threads.
public final class Simulator: Sendable {
  /// The base URL, `http://127.0.0.1:PORT`; the clouds' APIs stand below it, as `environment` says.
  public let url: String
  /// Holds `env.sh`, `user_key`, the sshd logs, and the home directory of all logins. Removed by
  /// `stop()`.
  public let directory: String
  /// The variables with which the vendors' clients and ours use the simulator: keys and base URLs.
  public let environment: [String: String]
  /// The private key that TensorPool nodes and the plain sshd accept.
  public let userKey: String
  /// The public key file of Dedalus's host authority.
  public let hostAuthority: String
  /// The ports of the sshds by name: `prime`, `dedalus`, `tensorpool`, `plain`, `prime_pod`, `runpod` and
  /// so on; and `vm`, which expects Prime's preamble.
  public let ports: [String: Int]

  private let process: SimulatorProcess
  private let control: SimulatorControl

  /// What failed, in the simulator's own words if it reported anything.
  public struct Broken: Error, CustomStringConvertible {
    public var description: String
  }

  /// Starts the simulator and waits until it is ready.
  /// - Parameter options: words for its command line, such as `["--rsa"]`.
  /// - Throws: `Broken` when it does not come up; its reason is on standard error then.
  public init(_ options: [String] = []) throws {
    process = try SimulatorProcess(options)
    let line = try process.line()
    let announcement = try JSONDecoder().decode(Announcement.self, from: line)
    url = announcement.url
    control = SimulatorControl(port: UInt16(announcement.url.split(separator: ":").last ?? "") ?? 0)
    directory = announcement.directory
    environment = announcement.environment
    userKey = announcement.userKey
    hostAuthority = announcement.hostAuthority
    ports = announcement.sshd.mapValues(\.port).merging(["vm": announcement.vm.port]) { first, _ in
      first
    }
  }

  /// Ends the simulator and its sshds; returns when they are gone.
  public func stop() { process.stop() }

  /// Merges switches into the scenario (`provider-simulator --help` lists them).
  /// - Parameter json: such as `{"prime": {"exposure_delay_ms": 0}}`.
  /// - Throws: `Broken` when the simulator refuses it.
  public func scenario(_ json: String) throws {
    _ = try control.answer(to: "scenario", posting: json)
  }

  /// Goes back to the standard scenario; forgets all sessions and recorded requests.
  public func reset() throws { _ = try control.answer(to: "reset", posting: "") }

  /// The provider drops a session: login and exposure are gone.
  public func forget(_ sessionID: String) throws {
    _ = try control.answer(
      to: "forget", posting: #"{"session_id": "\#(sessionID)"}"#)
  }

  /// Prime and Dedalus drop every session.
  public func forgetAll() throws {
    let state = try state()
    for id in state.prime.sessions.map(\.id) + state.dedalus.sessions.map(\.id) { try forget(id) }
  }

  /// The requests that were made since the start or the last `reset()`, in their order.
  public func requests() throws -> [Request] {
    try JSONDecoder().decode([Request].self, from: try control.answer(to: "requests", posting: nil))
  }

  /// What the providers remember.
  public func state() throws -> State {
    try JSONDecoder().decode(State.self, from: try control.answer(to: "state", posting: nil))
  }

  /// The line that the simulator prints when it is ready.
  private struct Announcement: Decodable {
    struct Endpoint: Decodable { var port: Int }
    var url: String
    var directory: String
    var environment: [String: String]
    var userKey: String
    var hostAuthority: String
    var sshd: [String: Endpoint]
    var vm: Endpoint

    enum CodingKeys: String, CodingKey {
      case url, directory, environment, sshd, vm
      case userKey = "user_key"
      case hostAuthority = "host_authority"
    }
  }
}

/// One simulator for the tests of a suite, started when the first one wants it. Such a suite is
/// `.serialized`: scenarios hold for the whole simulator.
public final class SharedSimulator: Sendable {
  private let simulator: Result<Simulator, any Error>

  /// - Parameter options: words for its command line.
  public init(_ options: [String] = []) {
    simulator = Result { try Simulator(options) }
  }

  /// The simulator with its standard scenario and nothing remembered.
  /// - Throws: why it could not be started.
  public func fresh() throws -> Simulator {
    let running = try simulator.get()
    try running.reset()
    return running
  }
}
