import Configuration
import SystemIO
import TestConfiguration
import TestSupport
import Testing

/// What `through` may say, and what becomes of it.
@Suite struct ThroughSettingTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func through(_ text: String, mode: Int = 0o600) throws -> Through? {
    let configuration = try home.configuration(
      "[connection]\nthrough = '\(text)'\n[hosts.lab]\nprovider = 'static'\nhost = '10.0.0.7'\n",
      mode: mode)
    let target = try configuration.target(for: Alias("lab"))
    return target.through?.applied(to: HostAndPort(host: "10.0.0.7", port: 22))
  }

  private let destination = HostAndPort(host: "10.0.0.7", port: 22)

  @Test func reads() throws {
    #expect(try through("direct") == nil)
    #expect(try through("http://proxy:3128") == .http(destination, authorization: nil))
    #expect(try through("HTTP://proxy:3128/") == .http(destination, authorization: nil))
    // RFC 7617, section 2: the example of its user and password.
    #expect(
      try through("http://Aladdin:open%20sesame@[::1]:1")
        == .http(destination, authorization: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))
    #expect(try through("socks5://p:1080") == .socks5(destination, user: "", password: ""))
    #expect(
      try through("socks5h://u:a%40b@p:1080") == .socks5(destination, user: "u", password: "a@b"))
    #expect(
      try through("ssh -W %h:%p bastion # 100%%")
        == .command("ssh -W 10.0.0.7:22 bastion # 100%"))
  }

  @Test(arguments: [
    "https://proxy:3128", "socks4://p:1", "http://proxy", "http://:3128", "http://p:0",
    "http://:secret-word@p:1", "http://u:secret-word%0a@p:1", "http://u:secret-word%4@p:1",
    "nc %x %p", "nc %",
    "http://u:secret-word@p:1/x",
  ])
  func refusesWithItsLineAndWithoutThePassword(_ text: String) throws {
    let failure = failure { try through(text) as Any }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.hasPrefix("config.toml line 2: ") == true, "\(failure?.message ?? "")")
    #expect("\(failure?.message ?? "")\(failure?.hint ?? "")".contains("secret-word") == false)
  }

  @Test func aPasswordWantsAPrivateFile() throws {
    #expect(try through("http://u@p:1", mode: 0o644) != nil)
    let failure = failure { try through("http://u:pw@p:1", mode: 0o644) as Any }
    #expect(failure?.hint?.hasPrefix("chmod 600") == true)
  }
}
