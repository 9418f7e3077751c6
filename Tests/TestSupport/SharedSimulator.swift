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
