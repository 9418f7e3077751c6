import Foundation
import SystemIO

/// A pseudo-terminal (pty(7)): the end that a program gets, and the one that a person types at.
final class Terminal {
  let master: Descriptor
  let slave: Descriptor

  init() throws {
    var ends: (master: Int32, slave: Int32) = (-1, -1)
    guard openpty(&ends.master, &ends.slave, nil, nil, nil) == 0 else {
      throw Failure("make a terminal")
    }
    master = Descriptor(owning: ends.master)
    slave = Descriptor(owning: ends.slave)
    for end in [ends.master, ends.slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    master.setNonBlocking()
  }

  func type(_ text: String) throws {
    var text = text
    try text.withUTF8 { try master.writeAll(UnsafeRawBufferPointer($0)) }
  }

  /// What has come to the screen since the last call.
  func screen() -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(master.number, &buffer, buffer.count), count > 0 {
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether what is typed is shown.
  var echoes: Bool {
    var settings = termios()
    return tcgetattr(slave.number, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }
}
