import Foundation
import SessionRecord
import SystemIO
import TestSupport
import Testing

@Suite struct SessionRecordTests {
  static func record(name: String = "abc-1") throws -> SessionRecord {
    let addresses = [("203.0.113.7", 22), ("2001:db8::7", 65535)].compactMap {
      SocketAddress(host: $0, port: $1)
    }
    return SessionRecord(
      name: name, alias: "sb1.prime", created: 1000, renewAfter: 1870, expires: 1900,
      deadline: 120_000, opening: 345, stream: .direct, bringsCredentials: true,
      endpoint: HostAndPort(host: "host.example", port: 22), preamble: Array("PRIME x\n".utf8),
      addresses: addresses)
  }

  /// What the fuzzer found: the C library reads an address up to the first NUL, and what followed was taken along.
  @Test func anAddressWithANulIsNone() throws {
    var record = try Self.record()
    record.addresses = [SocketAddress(host: "127.0.0.1", port: 22)].compactMap { $0 }
    #expect(SessionRecord(fileBytes: Array(record.fileText.utf8)) == record)
    let spoiled = record.fileText.replacing("127.0.0.1", with: "127.0.0.1\0x")
    #expect(SessionRecord(fileBytes: Array(spoiled.utf8)) == nil)
  }

  @Test func roundTrip() throws {
    var record = try Self.record()
    #expect(SessionRecord(fileBytes: Array(record.fileText.utf8)) == record)
    record.preamble = []
    record.bringsCredentials = false
    record.stream = .indirect
    record.renewFrom = 1400
    record.isAskable = true
    record.addresses = []
    #expect(SessionRecord(fileBytes: Array(record.fileText.utf8)) == record)
  }

  @Test(
    arguments: [
      .http(.init(host: "box.example", port: 22), authorization: nil),
      .http(.init(host: "::1", port: 65535), authorization: "Basic QQ=="),
      .socks5(.init(host: "box", port: 1), user: "", password: ""),
      .socks5(.init(host: "box", port: 1), user: "u", password: "a b"),
      .command("nc -X connect -x 'a b' h 22"),
    ] as [Through])
  func whatItGoesThroughIsReadBack(_ through: Through) throws {
    var record = try Self.record()
    record.through = through
    #expect(SessionRecord(fileBytes: Array(record.fileText.utf8)) == record)
    record.addresses = []
    let isCommand = if case .command = through { true } else { false }
    #expect((SessionRecord(fileBytes: Array(record.fileText.utf8)) == record) == isCommand)
  }

  /// What opening took is no part of a session's age.
  @Test func isJustMadeForTwoSeconds() throws {
    var record = try Self.record()
    record.opening = 7500
    #expect(record.isJustMade(at: 1_009_500) && !record.isJustMade(at: 1_009_501))
    // The clock was set back.
    #expect(record.isJustMade(at: 0))
  }

  /// Half a record is none: wherever the file ends.
  @Test func cutAnywhere() throws {
    let bytes = Array(try Self.record().fileText.utf8)
    let addresses = Array("address 2001:db8::7 65535\n".utf8).count
    for length in 0..<bytes.count where length != bytes.count - addresses {
      #expect(SessionRecord(fileBytes: Array(bytes[..<length])) == nil, "\(length)")
    }
  }

  /// Whichever byte is another one: it is no record, or another field's value, never a crash.
  @Test func anyByteDamaged() throws {
    let record = try Self.record()
    let bytes = Array(record.fileText.utf8)
    for index in bytes.indices {
      for wrong in [0, 10, 32, 45, 57, 127, 255] as [UInt8] where bytes[index] != wrong {
        var damaged = bytes
        damaged[index] = wrong
        #expect(SessionRecord(fileBytes: damaged) != record)
      }
    }
  }

  @Test(arguments: [
    ("created 1000", "created -1"), ("created 1000", "created 99999999999999999999"),
    ("deadline 120000", "deadline x"), ("stream direct", "stream other"),
    ("credentials yes", "credentials maybe"), ("address 203.0.113.7 22", "address host 22"),
    ("address 203.0.113.7 22", "address 203.0.113.7 0"), ("sshproxy record 3", "sshproxy record 1"),
    ("preamble 50", "preamble 5"), ("preamble 50", "preamble zz"),
    ("name abc-1\nalias", "alias abc-1\nname"), ("opening 345\n", ""),
    ("endpoint host.example 22", "endpoint host.example port 22"),
    ("endpoint host.example 22", "endpoint -x 22"),
    ("endpoint host.example 22", "endpoint h 65536"),
  ])
  func damagedFields(_ field: String, _ other: String) throws {
    let text = try Self.record().fileText
    try #require(text.contains(field))
    let damaged = text.replacingOccurrences(of: field, with: other)
    #expect(SessionRecord(fileBytes: Array(damaged.utf8)) == nil)
  }

  @Test func tooLarge() throws {
    var record = try Self.record()
    record.alias = String(repeating: "x", count: SessionRecord.sizeLimit)
    #expect(SessionRecord(fileBytes: Array(record.fileText.utf8)) == nil)
  }

  @Test func freshAndAlive() throws {
    let record = try Self.record()
    #expect(record.isFresh(at: 1000) && record.isFresh(at: 1869) && record.isFresh(at: 940))
    #expect(!record.isFresh(at: 1870) && !record.isFresh(at: 939))
    #expect(record.isAlive(at: 1899))
    #expect(!record.isAlive(at: 1900) && !record.isAlive(at: 939))
  }
}

@Suite struct StateDirectoryTests {
  let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory("state")
    try folder.write(
      try SessionRecordTests.record().fileText, to: "sessions/sb1.prime/abc-1/record")
  }

  private func record(pointer: String) throws -> SessionRecord? {
    let link = folder.path(of: "sessions/sb1.prime/current")
    unlink(link)
    symlink(pointer, link)
    return try StateDirectory(opening: folder.path).record(of: "sb1.prime")
  }

  @Test func thePointerCounts() throws {
    let none = try StateDirectory(opening: folder.path).record(of: "sb1.prime")
    #expect(none == nil)
    #expect(try record(pointer: "abc-1") == SessionRecordTests.record())
  }

  @Test(arguments: ["../sb1.prime/abc-1", "abc-2", ".", "", "ABC-1", "/etc"])
  func pointersThatLeadElsewhere(_ pointer: String) throws {
    #expect(try record(pointer: pointer.isEmpty ? " " : pointer) == nil)
  }

  /// A directory that was copied under another name is not that session.
  @Test func recordOfAnotherName() throws {
    try folder.write(
      try SessionRecordTests.record().fileText, to: "sessions/sb1.prime/abc-2/record")
    #expect(try record(pointer: "abc-2") == nil)
  }

  @Test func recordThatOthersCanWrite() throws {
    chmod(folder.path(of: "sessions/sb1.prime/abc-1/record"), 0o666)
    #expect(try record(pointer: "abc-1") == nil)
  }

  @Test func rememberingAnAnswer() throws {
    let state = try StateDirectory(opening: folder.path)
    let record = try SessionRecordTests.record()
    let before = state.hasAnswered(record, of: "sb1.prime")
    state.setAnswered(record, of: "sb1.prime")
    let after = state.hasAnswered(record, of: "sb1.prime")
    let other = state.hasAnswered(try SessionRecordTests.record(name: "abc-2"), of: "sb1.prime")
    #expect([before, after, other] == [false, true, false])
  }

  @Test func directoryThatOthersCanWrite() throws {
    chmod(folder.path, 0o777)
    #expect(throws: Failure.self) {
      let state = try StateDirectory(opening: folder.path)
      return state.hasConfiguration
    }
  }
}
