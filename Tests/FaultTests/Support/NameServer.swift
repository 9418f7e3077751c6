import Foundation
import SystemIO
import TestSupport

/// A name server on a loopback address of its own, port 53, that answers as it is told.
///
/// A program is run with it by `unshare -m` and a mount over /etc/resolv.conf, which glibc reads
/// from no other place; this takes root. What its thread and the test's both use is under the lock.
final class NameServer: @unchecked Sendable {
  enum Manner: Sendable {
    /// RFC 1035 section 4.1.1: 2 is SERVFAIL, 3 is NXDOMAIN.
    case refusal(UInt8)
    case addresses([[UInt8]])
    /// The same, so many seconds after the question.
    case late(Double, [[UInt8]])
    case garbage
    case silent
  }

  private let folder: TemporaryDirectory
  private let socket: Int32
  private let lock = NSLock()
  private var manner: Manner
  private var count = 0

  var queryCount: Int { lock.withLock { count } }

  /// - Parameter options: a line of resolv.conf.
  init(_ manner: Manner, options: String = "options timeout:1 attempts:1") throws {
    self.manner = manner
    folder = try TemporaryDirectory("names")
    socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var bytes: [UInt8] = []
    for _ in 0..<50 where bytes.isEmpty {
      let candidate = [127, UInt8.random(in: 1...254), UInt8.random(in: 1...254), 53]
      if Self.bind(socket, candidate) { bytes = candidate }
    }
    guard !bytes.isEmpty else { throw Failure("bind a name server") }
    let address = bytes.map(String.init).joined(separator: ".")
    try folder.write("nameserver \(address)\n\(options)\n", to: "resolv.conf", mode: 0o644)
    let number = socket
    Thread { [weak self] in
      var query = [UInt8](repeating: 0, count: 512)
      var sender = sockaddr_storage()
      while true {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let room = length
        let count = withUnsafeMutablePointer(to: &sender) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            length = room
            return recvfrom(number, &query, query.count, 0, $0, &length)
          }
        }
        guard count > 12, let self else { return }
        self.lock.withLock { self.count += 1 }
        guard let answer = self.answer(to: Array(query[..<count])) else { continue }
        let receiver = sender
        let size = length
        Thread {
          Thread.sleep(forTimeInterval: self.delay)
          var receiver = receiver
          _ = withUnsafePointer(to: &receiver) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
              sendto(number, answer, answer.count, 0, $0, size)
            }
          }
        }.start()
      }
    }.start()
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  func setManner(_ manner: Manner) { lock.withLock { self.manner = manner } }

  /// A program and its words such that it asks this name server, on a computer whose own name no file has.
  func command(_ program: String, _ words: [String]) -> (String, [String]) {
    let script = #"mount --bind "$0" /etc/resolv.conf && hostname box && exec "$@""#
    return (
      "/usr/bin/unshare",
      ["-m", "-u", "/bin/sh", "-c", script, folder.path(of: "resolv.conf"), program] + words
    )
  }

  private var delay: Double {
    if case .late(let seconds, _) = lock.withLock({ manner }) { seconds } else { 0 }
  }

  private func answer(to query: [UInt8]) -> [UInt8]? {
    // The question ends with the root label and four bytes of type and class.
    guard let root = query[12...].firstIndex(of: 0), root + 4 < query.count else { return nil }
    let question = Array(query[12...(root + 4)])
    let isIPv4 = query[root + 2] == 1
    func head(_ code: UInt8, _ answers: Int) -> [UInt8] {
      Array(query[..<2]) + [0x81, 0x80 | code, 0, 1, UInt8(answers >> 8), UInt8(answers & 255)]
        + [0, 0, 0, 0] + question
    }
    switch lock.withLock({ manner }) {
    case .silent: return nil
    case .refusal(let code): return head(code, 0)
    case .garbage: return Array(query[..<2]) + [0x81, 0x80] + (0..<64).map { _ in UInt8(0xff) }
    case .addresses(let addresses), .late(_, let addresses):
      guard isIPv4 else { return head(0, 0) }
      return head(0, addresses.count)
        + addresses.flatMap { [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4] + $0 }
    }
  }

  private static func bind(_ socket: Int32, _ bytes: [UInt8]) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(53).bigEndian
    address.sin_addr.s_addr = bytes.reduce(0) { $0 << 8 | UInt32($1) }.bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
