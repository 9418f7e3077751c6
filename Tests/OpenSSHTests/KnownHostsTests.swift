import Foundation
import OpenSSH
import SystemIO
import Testing

@Suite struct KnownHostsTests {
  private func keys(_ bench: Workbench) throws -> [PublicKey] {
    try (0..<8).map { try PublicKey(line: try bench.key("key\($0)", "ed25519")) }
  }

  private func text(_ keys: [PublicKey]) -> String {
    """
    # a comment
    host.example \(keys[0].line) somebody@somewhere

    host.example,10.0.0.7 \(keys[1].line)
    [host.example]:2222 \(keys[2].line)
    *.example,!bad.example \(keys[3].line)
    @cert-authority *.example \(keys[4].line)
    @revoked host.example \(keys[5].line)
    @cert-authority  [10.0.0.*]:2222\t\(keys[6].line)
    ::1 \(keys[7].line)
    garbage
    host.example garbage
    host.example ssh-ed25519 AAAA
    host.example ssh-rsa \(keys[0].line.split(separator: " ")[1])
    @strange host.example \(keys[7].line)
    |1|AAAA|BBBB \(keys[7].line)
    |2|AAAA|BBBB \(keys[7].line)
    host.example ssh-new AAAA=
    \u{0}\u{1}

    """
  }

  private static let names = [
    ("host.example", 22), ("HOST.example", 22), ("host.example", 2222), ("host.example", 23),
    ("10.0.0.7", 22), ("10.0.0.7", 2222), ("bad.example", 22), ("other.example", 22), ("::1", 22),
    ("::1", 2222), ("nobody", 22),
  ]

  private func find(_ name: (String, Int), in file: String, _ bench: Workbench) throws -> Set<
    String
  > {
    // ssh looks for the name in lower case; ssh-keygen leaves that to its caller.
    let asked = HostAndPort.knownHostsName(of: name.0.lowercased(), port: name.1)
    let output = try bench.run("ssh-keygen", "-F", asked, "-f", file)
    return Set(
      output.text.split(separator: "\n").compactMap { line in
        guard let key = line.range(of: "ssh-ed25519 ") else { return nil }
        // ssh-keygen -F shows broken keys too.
        return try? PublicKey(line: String(line[key.lowerBound...])).line
      })
  }

  private func all(_ verdict: KnownHosts.Verdict) -> Set<String> {
    Set((verdict.keys + verdict.authorities + verdict.revoked).map(\.line))
  }

  @Test func agreesWithSSHKeygen() throws {
    let bench = try Workbench()
    let text = text(try keys(bench))
    try bench.write("plain", text)
    try bench.write("hashed", text)
    // Hashing leaves lines with patterns and markers as they are, and stops at none of the garbage.
    try bench.run("ssh-keygen", "-H", "-f", "hashed")
    let hashed = try bench.read("hashed")
    #expect(hashed.contains("|1|"))
    for name in Self.names {
      let plainly = KnownHosts([text]).lookup(host: name.0, port: name.1)
      #expect(all(plainly) == (try find(name, in: "plain", bench)), "\(name)")
      let found = KnownHosts([hashed]).lookup(host: name.0, port: name.1)
      #expect(all(found) == (try find(name, in: "hashed", bench)), "\(name)")
      #expect(found == plainly, "\(name)")
    }
  }

  @Test func tellsTheMarkersApart() throws {
    let bench = try Workbench()
    let keys = try keys(bench)
    let known = KnownHosts([text(keys)])
    let host = known.lookup(host: "host.example", port: 22)
    #expect(host.keys == [keys[0], keys[1], keys[3]])
    #expect(host.authorities == [keys[4]])
    #expect(host.revoked == [keys[5]])
    #expect(known.lookup(host: "host.example", port: 2222).keys == [keys[2]])
    #expect(known.lookup(host: "10.0.0.7", port: 2222).authorities == [keys[6]])
    #expect(known.lookup(name: "[host.example]:2222").keys == [keys[2]])
    #expect(known.lookup(host: "nobody", port: 22) == KnownHosts.Verdict())
    let two = KnownHosts(["a \(keys[0].line)", "a \(keys[1].line)\r\n"])
    #expect(two.lookup(host: "a", port: 22).keys == [keys[0], keys[1]])
  }

  /// ssh looks a host at another port up by its name alone, too.
  @Test func whatIsRevokedIsSoAtEveryPort() throws {
    let bench = try Workbench()
    let keys = try keys(bench)
    let known = KnownHosts([text(keys), "@revoked [host.example]:2222 \(keys[0].line)"])
    #expect(known.revoked(host: "host.example", port: 2222) == [keys[0], keys[5]])
    #expect(known.revoked(host: "host.example", port: 2200) == [keys[5]])
    #expect(known.revoked(host: "nobody", port: 2222) == [])
  }

  @Test(arguments: [("host.example", 22), ("Host.example", 2222), ("10.0.0.7", 22), ("::1", 2200)])
  func writesLinesThatOthersRead(host: String, port: Int) throws {
    let bench = try Workbench()
    let key = try keys(bench)[0]
    for hashed in [false, true] {
      let line = try KnownHosts.line(host: host, port: port, key: key, hashed: hashed)
      #expect(line.hasPrefix("|1|") == hashed)
      try bench.write("file", line + "\n")
      #expect(try find((host, port), in: "file", bench) == [key.line])
      #expect(KnownHosts([line]).lookup(host: host, port: port).keys == [key])
    }
    let line = try KnownHosts.line(host: host, port: port, key: key)
    let trusted = KnownHosts(["@cert-authority \(line)"]).lookup(host: host, port: port)
    #expect(trusted.authorities == [key])
    for bad in ["a b", "*", "a,b", "!a", "", "a\nb", "@revoked"] {
      #expect(throws: Failure.self) { try KnownHosts.line(host: bad, port: 22, key: key) }
    }
    #expect(throws: Failure.self) { try KnownHosts.line(host: "a", port: 0, key: key) }
  }
}
