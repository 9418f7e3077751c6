import TestSupport
import Testing

/// Bytes through the whole of it, in both directions, whole and in order.
@Suite(.serialized, .timed) struct TransferTests {
  static let shared = SharedSimulator()
  let testHome: TestHome

  init() throws {
    testHome = try TestHome.furnished(try Self.shared.fresh())
  }

  /// Through and back: what arrives has the checksum and the length of what was sent.
  @Test(arguments: [("splice", 1024), ("copy", 256)])
  func throughAndBack(_ relay: String, mebibytes: Int) throws {
    try testHome.setUp(fdpass: false)
    testHome.environment["SSHPROXY_RELAY"] = relay
    #expect(try testHome.ssh(["lab", "true"]).status == 0)
    let bytes = mebibytes << 20
    let end = try testHome.shell(
      """
      set -o pipefail
      seq 1 200000000 | head -c \(bytes) | tee >(cksum > '\(testHome.home.path)/sent') \\
        | ssh -c aes128-gcm@openssh.com lab cat | cksum
      """, within: 300)
    // `seq` dies of the closed pipe behind `head`.
    #expect([0, 141].contains(end.status), "\(end)")
    #expect(end.errors == "")
    #expect(end.output.hasSuffix(" \(bytes)\n"), "\(end)")
    #expect(end.output == testHome.home.read("sent"))
  }

  @Test(arguments: [Machine.primeVM, .dedalus], [true, false])
  func inputEndsFirst(_ machine: Machine, fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    let end = try testHome.shell(
      "printf 'one two' | ssh \(machine.alias) 'cat; echo; echo after the end; exit 7'")
    #expect(end.status == 7, "\(end)")
    #expect(end.output == "one two\nafter the end\n")
    #expect(end.errors == "")
  }

  @Test(arguments: [true, false])
  func outputEndsFirst(fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    let mark = testHome.home.path(of: "mark")
    let end = try testHome.shell(
      """
      { printf first; until [ -e '\(mark)' ]; do sleep 0.05; done; printf second; } \\
        | ssh lab "exec >&-; head -c 5 > '\(mark).got'; : > '\(mark)'; cat >> '\(mark).got'"
      """)
    #expect(end.status == 0, "\(end)")
    #expect(testHome.home.read("mark.got") == "firstsecond")
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
  }
}
