import SystemIO
import Testing

@testable import SSHClient

/// What libssh2 gets as memory, and whoever frees it.
@Suite struct SessionMemoryTests {
  private let memory = SessionMemory()

  private static func packet(_ number: UInt8) -> [UInt8] {
    [98, 0, 0, 0, 1] + Array("\0\0\0\u{b}exit-status".utf8) + [0, 0, 0, 0, number]
  }

  /// libssh2 1.11 has OpenSSL free the buffer of an ECDSA signature, which is free(3).
  @Test func aBlockIsOneThatFreeTakes() throws {
    for count in [0, 1, 7, 71, 72, 4096, 100_000] {
      let block = try #require(memory.allocate(count))
      memset(block, 0xff, count)
      SystemIO.free(block)
    }
  }

  /// And the other way round.
  @Test func aBlockOfMallocsIsFreed() throws {
    for count in [1, 24, 72, 4096, 100_000] {
      let block = try #require(malloc(count))
      memset(block, 0xff, count)
      memory.free(block)
    }
  }

  @Test func aBlockKeepsItsBytesAsItGrows() throws {
    var block = try #require(memory.allocate(3))
    block.copyMemory(from: [1, 2, 3] as [UInt8], byteCount: 3)
    for count in [40, 5000, 200_000, 3] {
      block = try #require(memory.resize(block, count))
      #expect((0..<3).allSatisfy { block.load(fromByteOffset: $0, as: UInt8.self) == $0 + 1 })
    }
    memory.free(block)
  }

  /// What is freed may be had again; what is not, not beyond the bound, which is small until a channel is open.
  @Test(arguments: [true, false]) func whatIsHeldIsBounded(isOpen: Bool) throws {
    if isOpen { memory.allowWindow() }
    #expect((memory.limit == SessionMemory.most) == isOpen)
    let half = memory.limit / 2 + 1
    for _ in 1...3 {
      let block = try #require(memory.allocate(half))
      #expect(!memory.isExhausted)
      memory.free(block)
    }
    let block = try #require(memory.allocate(half))
    #expect(memory.allocate(half) == nil && memory.isExhausted)
    #expect(memory.resize(block, memory.limit) == nil)
    memory.free(block)
  }

  /// A status counts only from a packet that is long enough for it: what lies behind is nobody's.
  @Test(arguments: 0...4) func aPacketThatIsCutHasNoStatus(_ cut: Int) throws {
    let packet = Self.packet(7)
    let block = try #require(memory.allocate(packet.count - cut))
    block.copyMemory(from: packet, byteCount: packet.count - cut)
    memory.free(block)
    #expect(memory.exitStatus == (cut == 0 ? 7 : nil))
  }
}
