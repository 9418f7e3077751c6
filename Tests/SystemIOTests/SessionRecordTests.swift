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

@Suite struct FailureMemoryTests {
  private let memory = LastFailure(
    Failure(.denied, step: "a step", "no: key"), time: 5000)

  @Test func roundTrip() {
    #expect(LastFailure(fileBytes: Array(memory.fileText.utf8)) == memory)
    #expect(memory.status == 77)
  }

  /// Texts of any length fit into the file, whatever characters they are of.
  @Test func longTextsAreCut() {
    let text = String(repeating: "\u{10437}", count: 5000)
    let long = LastFailure(Failure(.denied, step: text, text, hint: text), time: 5000)
    #expect(long.fileText.utf8.count <= LastFailure.sizeLimit)
    #expect(LastFailure(fileBytes: Array(long.fileText.utf8)) == long)
  }

  @Test(arguments: [
    "", "\n", "failed", "failed 1\n", "failed 1\n=denied\n=a\n=b\n",
    "failed 1\n=denied\n=a\n=b\n=c",
    "failed x\n=denied\n=a\n=b\n=c\n", "ok 1\n=denied\n=a\n=b\n=c\n", "\u{0}\u{1}",
    "failed -9223372036854775808\n=denied\n=a\n=b\n=c\n", "failed 1\n=no\n=a\n=b\n=c\n",
  ])
  func damaged(_ text: String) {
    #expect(LastFailure(fileBytes: Array(text.utf8)) == nil)
  }

  /// What the fuzzer found: a line end behind a carriage return was none.
  @Test func linesEndWhereTheirByteIs() throws {
    let text = "failed 5000\n=denied\n=a step\r\n=no\n=\r\n"
    let read = try #require(LastFailure(fileBytes: Array(text.utf8)))
    #expect(read.failure?.message == "no")
    #expect(LastFailure(fileBytes: Array(read.fileText.utf8)) == read)
  }

  @Test func youngForTwoSeconds() {
    #expect(memory.isRecent(at: 5000) && memory.isRecent(at: 6999))
    #expect(!memory.isRecent(at: 7000) && !memory.isRecent(at: 4999))
  }

  @Test func isReadFromTheLockFile() throws {
    let folder = try TemporaryDirectory("state")
    try folder.write(memory.fileText, to: "sessions/a/lock")
    let state = try StateDirectory(opening: folder.path)
    let (found, none) = (state.lastFailure(of: "a"), state.lastFailure(of: "b"))
    #expect(found == memory)
    #expect(none == nil)
  }
}
