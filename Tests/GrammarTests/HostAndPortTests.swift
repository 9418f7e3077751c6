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

@Suite struct UserHostPortTests {
  @Test(arguments: [
    ("h", nil, "h", nil), ("h:", nil, "h", ""), ("u@h:1", "u", "h", "1"), ("@h", "", "h", nil),
    ("u:p@w@h:1", "u:p@w", "h", "1"), ("[::1]", nil, "::1", nil),
    ("u@[fe80::1%25e]:x", "u", "fe80::1%25e", "x"), ("", nil, "", nil), ("::1", nil, "", ":1"),
  ])
  func isSplit(_ text: String, user: String?, host: String, port: String?) throws {
    let parts = try #require(UserHostPort(text[...]))
    #expect(parts.user.map(String.init) == user && String(parts.host) == host)
    #expect(parts.port.map(String.init) == port)
  }

  @Test(arguments: ["[::1", "[h]", "[h]:1", "[]", "[::1]x"])
  func isNone(_ text: String) { #expect(UserHostPort(text[...]) == nil) }

  /// The scheme may be missing, as libcurl lets a proxy's.
  @Test(arguments: [
    ("https://h.example:8443/v1/x", "8443"), ("h.example:3128", "3128"), ("socks5h://h", nil),
    ("http://u:p@h:1/", "1"), ("h.example/a:1", nil), ("http://", nil), ("", nil),
  ])
  func portOfAURL(_ url: String, _ port: String?) throws {
    #expect(UserHostPort(url: url)?.port.map(String.init) == port)
  }
}
