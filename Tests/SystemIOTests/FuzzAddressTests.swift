import SystemIO
import Testing

@testable import SessionRecord

/// What the fuzz target `record` found.
@Suite struct FuzzAddressTests {
  /// The C library reads an address up to the first NUL; what followed was taken along.
  @Test(arguments: ["127.0.0.1\0", "127.0.0.1\0.example", "::1\0x", "\0"])
  func anAddressEndsWhereItsTextEnds(_ text: String) {
    #expect(SocketAddress(host: text, port: 22) == nil)
  }

  @Test func aRecordWithSuchAnAddressIsNone() {
    let record = SessionRecord(
      name: "a", alias: "sb1.prime", created: 1, renewAfter: 2, expires: 3, deadline: 4,
      opening: 5, stream: .direct, bringsCredentials: true,
      endpoint: HostAndPort(host: "gw.example", port: 22),
      preamble: [], addresses: [SocketAddress(host: "127.0.0.1", port: 22)].compactMap { $0 })
    let text = record.fileText
    #expect(SessionRecord(fileBytes: Array(text.utf8)) == record)
    let spoiled = text.replacing("127.0.0.1", with: "127.0.0.1\0x")
    #expect(SessionRecord(fileBytes: Array(spoiled.utf8)) == nil)
  }
}
