import Relay
import Sessions
import SystemIO

/// A port on this computer behind which the endpoint is, for ssh-keyscan, which knows no proxy: its
/// connections are carried on, one after the other, on a thread of its own, until this object ends.
final class ScanRelay {
  /// Unchecked, because the thread alone uses it once it runs; it ends when `stop` is closed.
  private final class Work: @unchecked Sendable {
    let listener: Descriptor
    let stop: Descriptor
    let addresses: [SocketAddress]
    let passage: Passage
    let deadline: Moment

    init(
      _ listener: consuming Descriptor, _ stop: consuming Descriptor, _ addresses: [SocketAddress],
      _ passage: Passage, _ deadline: Moment
    ) {
      self.listener = consume listener
      self.stop = consume stop
      self.addresses = addresses
      self.passage = passage
      self.deadline = deadline
    }

    /// Until the object has ended, which closes the other end of the pipe.
    func run() {
      let caller = HangUpMonitor(output: -1, lifeline: stop.number)
      while Moment.now < deadline, let visitor = LocalPort.accept(listener, caller, deadline) {
        let dialer = EndpointDialer(addresses, through: passage)
        guard let endpoint = try? dialer.connect(until: deadline, caller: caller) else { continue }
        var pump = Pump(
          up: DescriptorDirection(from: visitor.number, to: endpoint.number, preference: .copy),
          down: DescriptorDirection(from: endpoint.number, to: visitor.number, preference: .copy))
        var waiting = HangUpPoller(caller) {}
        _ = try? pump.run(&waiting)
      }
    }
  }

  let address: SocketAddress
  private let lifeline: Descriptor

  /// - Throws: `.inputOutput`.
  init(_ addresses: [SocketAddress], _ passage: Passage, until deadline: Moment) throws(Failure) {
    let pipe = try reportingFailure { () throws(SystemError) in try Pipe() }
    let stop = try reportingFailure { () throws(SystemError) in try pipe.reading.duplicated() }
    let listener = try LocalPort.listen()
    guard let address = LocalPort.address(of: listener) else {
      throw SystemError("listen on this computer").failure
    }
    self.address = address
    lifeline = pipe.intoWriting()
    let work = Work(listener, stop, addresses, passage, deadline)
    try reportingFailure { () throws(SystemError) in try DetachedThread.start { work.run() } }
  }
}
