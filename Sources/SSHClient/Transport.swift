internal import CLibSSH2
internal import OpenSSH
internal import Relay
internal import SystemIO

/// The socket below libssh2, reached through its send and receive callbacks.
///
/// libssh2 reads only 16 KiB at a time, and when the socket takes only part of a packet, it refuses to
/// send anything else (a window adjustment, say) as bad use. So this class reads in larger portions,
/// and accepts whole packets: what the socket does not take is kept here, and the directions stop writing
/// until it is sent. Packets that are written together are also sent together.
final class Transport {
  let socket: Descriptor
  /// What libssh2 holds of this connection.
  let memory = SessionMemory()
  /// Waits for another socket that libssh2 uses, the agent's; `false` ends its call.
  var waitsForAgent: (Int32, Int32) -> Bool = { _, _ in true }
  /// Memory of its own, once: libssh2's callback copies out of it what it asks for.
  private let buffer: UnsafeMutableRawBufferPointer
  private var buffered: Range<Int> = 0..<0
  private var unsent: [UInt8] = []
  private var sent = 0
  private var isSendingOver = false
  private var allowance = 0
  private var isAbandoned = false
  private var isGathering = false
  /// Whether the socket has been found empty while gathering.
  private var isKnownEmpty = false

  /// What the server says before its version.
  private(set) var greeting = Greeting()
  /// Why no more data will come; what came before is still handed out.
  private(set) var end: Failure?
  /// The bytes that libssh2 has taken so far. A direction sees by it whether another one has read its data.
  private(set) var consumed = 0
  /// When the server last sent something.
  private(set) var lastHeard = Moment.now

  private static let capacity = 128 * 1024
  /// The bytes that libssh2 may take in one call: no more than the call can return. Otherwise it
  /// would queue up to a whole window in its own memory; data left in the socket costs nothing.
  private static let portion = 96 * 1024

  /// - Parameter socket: connected and non-blocking.
  init(_ socket: consuming Descriptor) {
    self.socket = socket
    buffer = .allocate(byteCount: Self.capacity, alignment: 16)
  }

  deinit {
    buffer.deallocate()
  }

  var hasUnsent: Bool { sent < unsent.count }

  /// Whether libssh2 stopped because its portion is used up, not because the socket is empty.
  var hasMore: Bool { allowance <= 0 && end == nil }

  /// Whether libssh2's memory is left as it is.
  private(set) var isLeft = false

  /// From now on nothing of the session is freed.
  func leave() { isLeft = true }

  /// To be called before each call of libssh2 that reads.
  func allowPortion() {
    allowance = Self.portion
  }

  /// The most that may wait for the server to read it, in bytes: what we write, of which a direction waits
  /// before it writes more, and what libssh2 answers by itself.
  static let mostUnsent = 1 << 20

  /// Whether the server has asked for so many answers without reading any that they are not kept any more.
  private(set) var isUnread = false

  /// What to wait for on the socket.
  /// - Parameter directions: from libssh2_session_block_directions(3), which may name none.
  func awaited(_ directions: Int32) -> Awaited {
    let wantsOutput = hasUnsent || directions & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0
    let wantsInput = !wantsOutput || directions & LIBSSH2_SESSION_BLOCK_INBOUND != 0
    return Awaited(socket.number, (wantsInput ? POLLIN : 0) | (wantsOutput ? POLLOUT : 0))
  }

  /// Sends the kept bytes, as far as the socket takes them; nothing while gathering.
  func flush() {
    guard !isGathering else { return }
    while hasUnsent {
      let count = unsent.withUnsafeBytes {
        SystemTransfer.send(socket.number, UnsafeRawBufferPointer(rebasing: $0[sent...]))
      }
      guard count >= 0 else {
        if errno != EAGAIN { giveUpSending() }
        return
      }
      sent += count
    }
    unsent.removeAll(keepingCapacity: true)
    sent = 0
  }

  /// Calls `body`, and sends its packets together at the end. libssh2 also tries to receive before
  /// each packet; a socket that was found empty is not asked again until then.
  func gathering<Result>(_ body: () -> Result) -> Result {
    isGathering = true
    defer {
      isGathering = false
      isKnownEmpty = false
      flush()
    }
    return body()
  }

  /// From now on every receive fails, so that libssh2 frees its memory without waiting for answers.
  func abandon() {
    isAbandoned = true
  }

  fileprivate func send(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard !isSendingOver else { return bytes.count }
    // Otherwise sent bytes are dropped only once all have been sent, which a server that reads slowly can
    // put off for ever.
    if sent > Self.mostUnsent / 4 {
      unsent.removeFirst(sent)
      sent = 0
    }
    guard unsent.count + bytes.count <= Self.mostUnsent else {
      isUnread = true
      return Int(-ENOBUFS)
    }
    unsent += bytes
    flush()
    return bytes.count
  }

  /// The server accepts no more data, but what it has sent before may still arrive.
  private func giveUpSending() {
    isSendingOver = true
    unsent.removeAll()
    sent = 0
  }

  fileprivate func receive(_ target: UnsafeMutableRawBufferPointer) -> Int {
    guard !isAbandoned else { return Int(-ECONNRESET) }
    guard allowance > 0, !greeting.isTooLong, !buffered.isEmpty || refill() else {
      return Int(-EAGAIN)
    }
    let count = min(target.count, buffered.count)
    let part = buffer[buffered.lowerBound..<buffered.lowerBound + count]
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
    if !greeting.isOver { greeting.take(part) }
    buffered.removeFirst(count)
    consumed += count
    allowance -= count
    return count
  }

  private func refill() -> Bool {
    guard end == nil, !isKnownEmpty else { return false }
    let count = SystemTransfer.receive(socket.number, buffer)
    if count > 0 {
      buffered = 0..<count
      lastHeard = Moment.now
      return true
    }
    // libssh2 is not told of the end, only `end` is set: libssh2 would discard data that it has not
    // handed out yet.
    if count == 0 {
      end = Failure("read from the server", number: ECONNRESET)
    } else if errno == EAGAIN {
      isKnownEmpty = isGathering
    } else {
      end = Failure("read from the server")
    }
    return false
  }
}

/// libssh2's send and receive callbacks. They find the transport by the session's `abstract` pointer.
/// libssh2 calls them for the user's agent too, whose blocking socket is its own.
enum TransportCallbacks {
  static func install(in session: OpaquePointer) {
    clibssh2_set_transport(
      session,
      { socket, bytes, count, _, abstract in
        let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
        guard let transport = Transport.owner(of: abstract) else { return Int(-EBADF) }
        guard transport.socket.number != socket else { return transport.send(bytes) }
        guard transport.waitsForAgent(socket, POLLOUT) else { return Int(-ETIMEDOUT) }
        return SystemTransfer.result(SystemTransfer.write(socket, bytes))
      },
      { socket, buffer, count, _, abstract in
        let buffer = UnsafeMutableRawBufferPointer(start: buffer, count: count)
        guard let transport = Transport.owner(of: abstract) else { return Int(-EBADF) }
        guard transport.socket.number != socket else { return transport.receive(buffer) }
        guard transport.waitsForAgent(socket, POLLIN) else { return Int(-ETIMEDOUT) }
        return SystemTransfer.result(SystemTransfer.read(socket, buffer))
      })
  }
}

extension Transport {
  /// The transport of a session of libssh2's, by its `abstract` pointer.
  static func owner(
    of abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> Transport? {
    guard let pointer = abstract?.pointee else { return nil }
    return Unmanaged<Transport>.fromOpaque(pointer).takeUnretainedValue()
  }
}

extension SystemTransfer {
  /// A system call's result in libssh2's form: a failure is the negative error number.
  fileprivate static func result(_ count: Int) -> Int {
    count < 0 ? Int(-errno) : count
  }
}
