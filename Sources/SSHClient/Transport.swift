internal import CLibSSH2
internal import Relay
internal import SystemIO

/// The socket below libssh2, reached through its send and receive callbacks.
///
/// libssh2 reads 16 KiB at a time and must not be interrupted in the middle of sending a packet:
/// whatever else it wants to send then (a window adjustment while reading) is refused as bad use.
/// So reads are made in large portions here, and what the socket does not take is kept here; the
/// lanes stop writing as long as something is kept.
final class Transport {
  let socket: Descriptor
  private let buffer: UnsafeMutableRawBufferPointer
  private var buffered: Range<Int> = 0..<0
  private var unsent: [UInt8] = []
  private var sent = 0
  private var isSendingOver = false
  private var allowance = 0
  private var isAbandoned = false

  /// Why nothing more comes; what came before is still handed out.
  private(set) var end: SystemError?
  /// Counts what libssh2 has taken, so that a lane can tell whether another one moved its data.
  private(set) var consumed = 0
  /// When the server was last heard.
  private(set) var lastHeard = Moment.now

  private static let capacity = 128 * 1024
  /// How much libssh2 may take in one call: no more than the call can give back. Else it would
  /// keep in lists what it finds, up to the whole window; what stays in the socket costs nothing.
  private static let portion = 96 * 1024

  /// - Parameters:
  ///   - socket: connected and non-blocking.
  ///   - preamble: sent before everything else.
  init(_ socket: consuming Descriptor, preamble: [UInt8]) {
    self.socket = socket
    buffer = .allocate(byteCount: Self.capacity, alignment: 16)
    unsent = preamble
  }

  deinit {
    buffer.deallocate()
  }

  var hasUnsent: Bool { sent < unsent.count }

  /// Whether libssh2 was stopped for having taken its portion, and not by an empty socket.
  var hasMore: Bool { allowance <= 0 && end == nil }

  /// To be called before each call of libssh2's that reads.
  func allowPortion() {
    allowance = Self.portion
  }

  /// What has to come about before anything goes on: `directions` are those of
  /// libssh2_session_block_directions(3), which may name none.
  func awaited(_ directions: Int32) -> Awaited {
    let wantsOutput = hasUnsent || directions & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0
    let wantsInput = !wantsOutput || directions & LIBSSH2_SESSION_BLOCK_INBOUND != 0
    return Awaited(socket.number, (wantsInput ? POLLIN : 0) | (wantsOutput ? POLLOUT : 0))
  }

  /// Sends what was kept, as far as the socket takes it.
  func flush() {
    while hasUnsent {
      let count = unsent.withUnsafeBytes {
        SystemTransfer.send(socket.number, UnsafeRawBufferPointer(rebasing: $0[sent...]))
      }
      guard count >= 0 else {
        if errno != EAGAIN { endSending() }
        return
      }
      sent += count
    }
    unsent.removeAll(keepingCapacity: true)
    sent = 0
  }

  /// From now on nothing is waited for: libssh2 gives its memory back without an answer.
  func abandon() {
    isAbandoned = true
  }

  fileprivate func send(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard !isSendingOver else { return bytes.count }
    flush()
    var rest = bytes
    if !hasUnsent {
      let count = SystemTransfer.send(socket.number, bytes)
      if count < 0, errno != EAGAIN { endSending() }
      rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(max(count, 0)))
    }
    if !isSendingOver { unsent += rest }
    return bytes.count
  }

  /// The server takes no more, but what it has said before may still be under way.
  private func endSending() {
    isSendingOver = true
    unsent.removeAll()
    sent = 0
  }

  fileprivate func receive(_ target: UnsafeMutableRawBufferPointer) -> Int {
    guard !isAbandoned else { return Int(-ECONNRESET) }
    guard allowance > 0, !buffered.isEmpty || refill() else { return Int(-EAGAIN) }
    let count = min(target.count, buffered.count)
    let part = buffer[buffered.lowerBound..<buffered.lowerBound + count]
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
    buffered.removeFirst(count)
    consumed += count
    allowance -= count
    return count
  }

  private func refill() -> Bool {
    guard end == nil else { return false }
    let count = SystemTransfer.receive(socket.number, buffer)
    if count > 0 {
      buffered = 0..<count
      lastHeard = Moment.now
      return true
    }
    // The end is told by `end` alone: libssh2 would throw away what it has yet to hand out.
    if count == 0 {
      end = SystemError("read from the server", number: ECONNRESET)
    } else if errno != EAGAIN {
      end = SystemError("read from the server")
    }
    return false
  }
}

/// libssh2's idea of a transport, and how it finds ours: by the session's `abstract`. It uses the
/// same callbacks for the user's agent, whose socket is its own and blocks.
enum TransportCallbacks {
  static func install(_ transport: Transport, in session: OpaquePointer) {
    libssh2_session_abstract(session)?.pointee = Unmanaged.passUnretained(transport).toOpaque()
    clibssh2_set_transport(
      session,
      { socket, bytes, count, _, abstract in
        let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
        guard let transport = Transport.owner(of: abstract, socket) else {
          return SystemTransfer.result(SystemTransfer.write(socket, bytes))
        }
        return transport.send(bytes)
      },
      { socket, buffer, count, _, abstract in
        let buffer = UnsafeMutableRawBufferPointer(start: buffer, count: count)
        guard let transport = Transport.owner(of: abstract, socket) else {
          return SystemTransfer.result(SystemTransfer.read(socket, buffer))
        }
        return transport.receive(buffer)
      })
  }
}

extension Transport {
  /// - Returns: `nil` for another socket than the session's.
  fileprivate static func owner(
    of abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ socket: Int32
  ) -> Transport? {
    guard let pointer = abstract?.pointee else { return nil }
    let transport = Unmanaged<Transport>.fromOpaque(pointer).takeUnretainedValue()
    return transport.socket.number == socket ? transport : nil
  }
}

extension SystemTransfer {
  /// A system call's result as libssh2 wants it: the negative error number.
  fileprivate static func result(_ count: Int) -> Int {
    count < 0 ? Int(-errno) : count
  }
}
