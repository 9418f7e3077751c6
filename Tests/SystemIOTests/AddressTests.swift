import SystemIO
import TestSupport
import Testing

@Suite struct SocketAddressTests {
  @Test(arguments: ["127.0.0.1", "203.0.113.7", "::1", "2001:db8::7", "::ffff:1.2.3.4"])
  func numeric(_ host: String) throws {
    let address = try #require(SocketAddress(host: host, port: 22))
    #expect(address.isIPv6 == host.contains(":"))
    #expect(address.host == host)
  }

  /// The last ones are what the fuzzer found: the C library reads an address up to the first NUL.
  @Test(arguments: [
    "", "localhost", "127.1", "0x7f.0.0.1", "1.2.3.4.5", "[::1]", "fe80::1%lo", "::g",
    "127.0.0.1\0", "127.0.0.1\0.example", "::1\0x", "\0",
  ])
  func notNumeric(_ host: String) {
    #expect(SocketAddress(host: host, port: 22) == nil)
  }

  @Test func portZero() {
    #expect(SocketAddress(host: "127.0.0.1", port: 0) == nil)
  }
}

@Suite struct NameLookupTests {
  private let caller = HangUpMonitor.nobody

  @Test func numbersNeedNoLookup() throws {
    let found = try NameLookup.addresses(
      of: "203.0.113.7", port: 22, until: .now, caller: caller)
    #expect(found == [SocketAddress(host: "203.0.113.7", port: 22)])
  }

  @Test func localhost() throws {
    let found = try NameLookup.addresses(
      of: "localhost", port: 22, until: .now + 5000, caller: caller)
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { ["127.0.0.1", "::1"].contains($0.host) })
  }

  @Test func nameThatIsNowhere() {
    let failure = #expect(throws: Failure.self) {
      try NameLookup.addresses(
        of: "nothing.invalid", port: 22, until: .now + 300, caller: caller)
    }
    #expect(failure?.kind == .temporary)
    #expect(failure?.step == "look up nothing.invalid")
    // What the C library says of it is kept.
    if case .lookup(let code) = failure?.cause {
      #expect(code != 0)
    } else {
      Issue.record("no reason: \(String(describing: failure))")
    }
    #expect(failure?.message.hasPrefix("no address was found in time (") == true)
  }
}
