import SystemIO

@testable import SessionRecord

/// What is read from a file is written so that the same is read again; anything else is no record.
enum RecordTarget {
  static func run(_ input: [UInt8]) {
    if let record = SessionRecord(fileBytes: input) {
      let text = Array(record.fileText.utf8)
      promise(text.count <= 2 * SessionRecord.sizeLimit, "the record grows")
      if text.count <= SessionRecord.sizeLimit {
        let again = SessionRecord(fileBytes: text)
        promise(again == record, "read back differently")
        promise(again?.fileText.utf8.elementsEqual(text) == true, "written differently")
      }
      promise(record.deadline >= 0 && record.opening >= 0, "a negative time")
      promise(record.created >= 0 && record.expires >= 0, "a negative moment")
      _ = record.isFresh(at: .max)
      _ = record.isAlive(at: .min)
      for address in record.addresses {
        let isNumeric = address.host.utf8.allSatisfy { byte in
          (0x30...0x3a).contains(byte) || byte == 0x2e || (0x41...0x46).contains(byte)
            || (0x61...0x66).contains(byte)
        }
        promise(isNumeric && address.port > 0, "the address \(address.host.debugDescription)")
      }
      promise(!record.addresses.isEmpty || record.stream == .indirect, "no address")
    }
    if let memory = LastFailure(fileBytes: input) {
      promise((1...255).contains(memory.status), "status \(memory.status)")
      let again = LastFailure(fileBytes: Array(memory.fileText.utf8))
      promise(again == memory, "the failure is remembered differently")
      for now in [0, memory.time, .max] { _ = memory.isRecent(at: now) }
    }
    let name = String(decoding: input, as: UTF8.self)
    if let normalized = Alias(reading: name)?.name {
      promise(Alias(reading: normalized)?.name == normalized, "normalized twice")
      promise(normalized.utf8.count == name.utf8.count, "another length")
      promise(!normalized.contains("/") && !normalized.contains(".."), "a path")
    }
    promise(!StateDirectory.isSessionName(name) || !name.contains("/"), "a session's name")
  }
}
