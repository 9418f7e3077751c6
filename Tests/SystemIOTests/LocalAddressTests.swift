import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct LocalAddressTests {
  @Test(arguments: [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "fe80::1",
    "febf::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.1.1", "::ffff:7f00:1",
    "::ffff:0.0.0.0",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::1", "0:0:0:0:0:0:0:1",
  ])
  func local(_ text: String) throws {
    #expect(try #require(SocketAddress(host: text, port: 22)).isLocal)
  }

  @Test(arguments: [
    "203.0.113.7", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "128.0.0.1", "126.0.0.1",
    "169.253.1.1", "223.255.255.255", "2001:db8::1", "fc00::1", "fec0::1", "::ffff:10.0.0.1",
    "64:ff9b::203.0.113.7", "2002:cb00:7107::1", "1::", "1:0:0:0:0:0:0:1",
  ])
  func elsewhere(_ text: String) throws {
    #expect(try !#require(SocketAddress(host: text, port: 22)).isLocal)
  }

  /// As the C library has an address of a name that is on one link alone: it was none, and the name left to ssh.
  @Test func withAZone() throws {
    let found = try #require(SocketAddress(found: "fe80::1%eth0", port: 22))
    #expect(found.isLocal && found.host == "fe80::1")
    #expect(SocketAddress(found: "203.0.113.7", port: 22)?.host == "203.0.113.7")
  }

  /// Every address of this computer's interfaces, as the kernel lists them.
  @Test func ofThisComputer() throws {
    var list: UnsafeMutablePointer<ifaddrs>?
    try #require(getifaddrs(&list) == 0)
    defer { freeifaddrs(list) }
    var found: Set<String> = []
    for item in sequence(first: list, next: { $0?.pointee.ifa_next }) {
      guard let address = item?.pointee.ifa_addr else { continue }
      let family = Int32(address.pointee.sa_family)
      guard family == AF_INET || family == AF_INET6 else { continue }
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let size = family == AF_INET ? socklen_t(16) : 28
      let length = socklen_t(text.count)
      guard getnameinfo(address, size, &text, length, nil, 0, NI_NUMERICHOST) == 0 else {
        continue
      }
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let host = String(decoding: bytes, as: UTF8.self).prefix { $0 != "%" }
      found.insert(String(host))
      if family == AF_INET { found.insert("::ffff:\(host)") }
    }
    #expect(found.contains("127.0.0.1"))
    for host in found {
      #expect(try #require(SocketAddress(host: host, port: 22)).isOfThisComputer, "\(host)")
    }
  }

  /// An address that joins another one of its network, as a virtual one does that moves between computers:
  /// the kernel goes there from the first. In a network of a thread's own.
  @Test(.enabled(if: geteuid() == 0 && FilePath.isExecutable("/usr/sbin/ip")))
  func secondAddressOfANetwork() async throws {
    let hosts = ["10.77.0.5", "10.77.0.6", "::ffff:10.77.0.6", "10.78.0.6", "::ffff:10.78.0.6"]
    let found: [Bool] = await withCheckedContinuation { done in
      Thread.detachNewThread {
        let isAlone = leaveNetwork() == 0
        for words in [
          "link set lo up", "addr add 10.77.0.5/24 dev lo", "addr add 10.77.0.6/24 dev lo",
        ]
        where isAlone {
          _ = try? RunningProgram(
            "/usr/sbin/ip", words.split(separator: " ").map(String.init), environment: [:]
          ).end()
        }
        done.resume(
          returning: hosts.map { SocketAddress(host: $0, port: 22)?.isOfThisComputer == true })
      }
    }
    #expect(found == [true, true, true, false, false])
  }

  @Test(arguments: ["203.0.113.7", "2001:db8::1", "100.64.7.7"])
  func ofAnother(_ text: String) throws {
    #expect(try !#require(SocketAddress(host: text, port: 22)).isOfThisComputer)
  }
}

/// Puts the thread into a network of its own (unshare(2), CLONE_NEWNET); Swift's module of the C library
/// lacks it.
private func leaveNetwork() -> Int32 {
  typealias Unshare = @convention(c) (Int32) -> Int32
  return dlsym(nil, "unshare").map { unsafeBitCast($0, to: Unshare.self)(0x4000_0000) } ?? -1
}
