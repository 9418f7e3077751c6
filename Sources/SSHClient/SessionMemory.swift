internal import CLibSSH2
internal import SystemIO

/// The memory of one libssh2 session: bounded, and looked at where libssh2 tells too little.
///
/// libssh2 queues every message that nobody has asked for, without a bound. Allocated through its
/// callbacks, what it holds is counted, and at the bound it gets `nil`, which is an error of its
/// call and not the end of the process.
final class SessionMemory {
  /// The most that a session may hold, in bytes, with what each block costs besides. A channel's window of
  /// 2 MiB takes some 150 MiB when the server sends it in packets of two bytes and nobody reads them.
  static let most = 192 << 20
  /// The same before a channel is open, when nothing that a server sends has to wait. A channel that is refused is
  /// freed within the call that was to open it, by the square of the number of its messages.
  private static let mostBefore = 2 << 20

  /// The bound that counts now.
  private(set) var limit = mostBefore

  /// A channel is open.
  func allowWindow() { limit = Self.most }

  /// Whether libssh2 has asked for more than that.
  private(set) var isExhausted = false
  /// The number of the last `exit-status` request that came.
  ///
  /// libssh2 answers 0 for a command whose status never came, and tells nobody of a request. But it
  /// hands each of its packets back to be freed, and one of a request begins with its fields (RFC
  /// 4254 §5.4, §6.10).
  private(set) var exitStatus: UInt32?
  private var used = 0
  /// Whether more messages may wait than can be looked through for each of them: over 1 MiB, which is some 5,000 of the
  /// smallest.
  var holdsMany: Bool { used > 1 << 20 }

  /// The size that was asked for and a mark stand in the block's last bytes, not in front of it: 1.11 has
  /// OpenSSL free the buffer of an ECDSA signature (libssh2's issue 1828), so a block has to be one that
  /// free(3) takes. It stays counted then.
  private static let trailer = 2 * MemoryLayout<UInt>.size
  /// Behind each block: 1.10 and 1.11 look at some bytes of a message that is too short for them.
  private static let slack = 32
  /// What malloc(3) takes for itself, about.
  private static let overhead = 16

  private static func cost(_ count: Int) -> Int {
    count.saturatingAdding(slack + trailer + overhead)
  }

  func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
    resize(nil, count)
  }

  func resize(_ block: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer? {
    let before = block.flatMap { Self.size($0) }
    let rest = used - (before.map(Self.cost) ?? 0)
    guard count >= 0, Self.cost(count) <= limit - rest else {
      isExhausted = true
      return nil
    }
    guard let new = realloc(block, count + Self.slack + Self.trailer) else { return nil }
    memset(new + count, 0, Self.slack)
    let end = Self.end(of: new)
    end.storeBytes(of: UInt(count), as: UInt.self)
    end.storeBytes(of: Self.mark(of: new), toByteOffset: MemoryLayout<UInt>.size, as: UInt.self)
    used = rest + Self.cost(count)
    return new
  }

  /// Frees a block of whoever has allocated it.
  func free(_ block: UnsafeMutableRawPointer?) {
    guard let block else { return }
    if let count = Self.size(block) {
      look(at: UnsafeRawBufferPointer(start: block, count: count))
      used -= Self.cost(count)
      // Whoever gets this memory next shall not be taken for us.
      memset(Self.end(of: block), 0, Self.trailer)
    }
    SystemIO.free(block)
  }

  /// The size that was asked for; `nil` for a block that is not of this type's making.
  private static func size(_ block: UnsafeMutableRawPointer) -> Int? {
    let usable = HeapBlock.usableSize(block)
    guard usable >= slack + trailer else { return nil }
    let end = end(of: block)
    let count = Int(bitPattern: end.loadUnaligned(as: UInt.self))
    guard (0...(usable - slack - trailer)).contains(count),
      end.loadUnaligned(fromByteOffset: MemoryLayout<UInt>.size, as: UInt.self) == mark(of: block)
    else { return nil }
    return count
  }

  private static func end(of block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    block + HeapBlock.usableSize(block) - trailer
  }

  /// A mark that differs for each block, so that neither a copy of a block of ours nor a block of OpenSSL's
  /// is taken for one of ours.
  private static func mark(of block: UnsafeMutableRawPointer) -> UInt {
    ~UInt(bitPattern: block)
  }

  private static let request: UInt8 = 98
  private static let exitStatusName = Array("\0\0\0\u{b}exit-status".utf8)

  /// The number is behind the message's type, the channel's number, the name and a flag.
  private func look(at packet: UnsafeRawBufferPointer) {
    let place = 5 + Self.exitStatusName.count + 1
    guard packet.count >= place + 4, packet[0] == Self.request,
      packet[5..<place - 1].elementsEqual(Self.exitStatusName)
    else { return }
    exitStatus = packet[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// A session of libssh2's that allocates from its transport's memory.
func libssh2Session(over transport: Transport) -> OpaquePointer? {
  libssh2_session_init_ex(
    { count, abstract in Transport.owner(of: abstract)?.memory.allocate(count) },
    { block, abstract in Transport.owner(of: abstract)?.memory.free(block) },
    { block, count, abstract in Transport.owner(of: abstract)?.memory.resize(block, count) },
    Unmanaged.passUnretained(transport).toOpaque())
}
