import Grammar
import Testing

@Suite struct HostAndPortTests {
  @Test(arguments: [
    ("localhost:22", "localhost", 22), ("[::1]:2222", "::1", 2222),
    ("10.0.0.7:65535", "10.0.0.7", 65535),
  ])
  func readsAndWritesTheSame(_ text: String, _ host: String, _ port: Int) throws {
    let place = try #require(HostAndPort(reading: text))
    #expect(place.host == host && Int(place.port) == port)
    #expect(place.text == text)
  }

  @Test(arguments: [
    "", "h", "h:", ":22", "h:0", "h:65536", "h:022", "h:+22", "::1:22", "[h]:22", "[::1]",
    "127.1:22",
    "my_host:22", "h h:22", "[::1]x:22",
  ])
  func refuses(_ text: String) { #expect(HostAndPort(reading: text) == nil) }

  /// Every name that is written for known hosts reads back as the place it was written for.
  @Test(arguments: ["h.example", "10.0.0.7", "::1"], [22, 2222])
  func knownHostsNameReadsBack(_ host: String, _ port: Int) throws {
    let place = HostAndPort(host: host, port: UInt16(port))
    #expect(place.knownHostsName == (port == 22 ? host : "[\(host)]:\(port)"))
    #expect(HostAndPort(knownHostsName: place.knownHostsName) == place)
  }

  @Test(arguments: ["", "[h]", "[h]:", "[h]:0", "[h:22", "h:22", "[127.1]:22", "[my_host]:22"])
  func isNoKnownHostsName(_ text: String) { #expect(HostAndPort(knownHostsName: text) == nil) }
}
