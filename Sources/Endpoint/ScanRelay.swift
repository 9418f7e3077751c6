import Dialing
import Relay
import SystemIO

/// A port on this computer behind which the endpoint is, for ssh-keyscan, which knows no proxy: its
/// connections are carried on, one after the other, on a thread of its own, until this object ends.
final class ScanRelay {
  /// Unchecked, because the thread alone uses it once it runs; it ends when `lifeline`, the other
  /// end of `stop`, is closed.
  private final class Work: @unchecked Sendable {
    let listener: Descriptor
    let stop: Descriptor
    let destination: DialDestination
    let deadline: Moment

    init(
      _ listener: consuming Descriptor, _ stop: consuming Descriptor,
      _ destination: DialDestination,
      _ deadline: Moment
    ) {
      self.listener = consume listener
      self.stop = consume stop
      self.destination = destination
      self.deadline = deadline
    }

    /// Until the object has ended, which closes the other end of the pipe.
    func run() {
      let caller = HangUpMonitor(output: -1, lifeline: stop.number)
      while Moment.now < deadline, let visitor = LocalPort.accept(listener, caller, deadline) {
        guard
          let attempt = try? DialAttempt(to: destination, until: deadline),
          let endpoint = try? attempt.connect(caller: caller)
        else { continue }
        defer { withExtendedLifetime(attempt) {} }
        var pump = Pump(
          up: DescriptorDirection(from: visitor.number, to: endpoint.number, preference: .copy),
          down: DescriptorDirection(from: endpoint.number, to: visitor.number, preference: .copy))
        var poller = HangUpPoller(caller)
        _ = try? pump.run(&poller)
      }
    }
  }

  let address: SocketAddress
  private let lifeline: Descriptor

  /// - Throws: `.inputOutput`.
  init(_ destination: DialDestination, until deadline: Moment) throws(Failure) {
    let pipe = try Pipe()
    let stop = try pipe.reading.duplicated()
    let listener = try LocalPort.listen()
    guard let address = SocketAddress(nameOf: listener) else {
      throw Failure("listen on this computer")
    }
    self.address = address
    lifeline = pipe.intoWriting()
    let work = Work(listener, stop, destination, deadline)
    try DetachedThread.start { work.run() }
  }
}
