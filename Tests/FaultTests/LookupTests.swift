import Synchronization
import TestSupport
import Testing

/// Commands that a person waits for, where the API's name is hard to resolve or its address leads
/// nowhere. What `connect` does then stands in the fault table.
@Suite(.timed) struct LookupTests {
  private static let name = "https://\(TLSFront.name)"

  private func run(_ words: [String], _ testHome: FaultHome, _ server: NameServer) throws
    -> ProgramEnd
  {
    let (program, all) = server.command(BuiltProgram.sshproxy, words)
    let key = try testHome.home.write("a-key-to-store\n", to: "key")
    let input = words[0] == "login" ? RunningProgram.Input.file(key) : .nothing
    return try testHome.start(all, program: program, input: input).end(within: 60)
  }

  private func testHome(_ url: String = name) throws -> FaultHome {
    let testHome = try FaultHome(deadline: 40)
    for variable in ["PRIME_API_BASE_URL", "DEDALUS_BASE_URL", "TENSORPOOL_ENGINE"] {
      testHome.environment[variable] = url
    }
    return testHome
  }

  /// What `check` finds first is that `setup` has not been run.
  private func status(_ words: [String]) -> Int32 { words[0] == "check" ? 78 : 69 }

  private static let commands = [
    ["list"], ["list", "prime"], ["check"], ["check", "sb1.prime"], ["login", "prime"],
  ]

  /// Off line: a name server that cannot be asked answers as this one does.
  @Test(arguments: commands) func offLineItIsSaidWithinTenSeconds(_ words: [String]) throws {
    let end = try run(words, try testHome(), try NameServer(.refusal(2)))
    try expectTime(end.seconds, within: 10, "\(end)")
    #expect(end.status == status(words), "\(end)")
    #expect((end.errors + end.output).contains("resolve"), "\(end)")
  }

  /// Nor is it another matter where the name is known and the network is not there.
  @Test(arguments: commands) func anAddressThatLeadsNowhereIsSaidWithinTenSeconds(
    _ words: [String]
  ) throws {
    let end = try run(
      words, try testHome(Self.name + ":9"), try NameServer(.addresses([[127, 0, 0, 1]])))
    try expectTime(end.seconds, within: 10, "\(end)")
    #expect(end.status == status(words), "\(end)")
  }

  @Test(arguments: commands) func aNameThatDoesNotExistIsFinal(_ words: [String]) throws {
    let end = try run(words, try testHome(), try NameServer(.refusal(3)))
    try expectTime(end.seconds, within: 4, "\(end)")
    #expect(end.status == status(words), "\(end)")
    #expect((end.errors + end.output).contains("\(TLSFront.name) does not exist"), "\(end)")
  }

  @Test(arguments: [
    ["prepare", "sb1.prime"], ["resolve", "--create", "sb1.prime"], ["ssh", "sb1.prime"],
    ["exec", "sb1.prime", "--", "true"], ["prepare", "dm-abc.dedalus"],
    ["connect", "node1.tensorpool"],
  ])
  func aNameThatDoesNotExistIsFinalForAllCommands(_ words: [String]) throws {
    let end = try run(words, try testHome(), try NameServer(.refusal(3)))
    try expectTime(end.seconds, within: 4, "\(end)")
    #expect([69, 255].contains(end.status), "\(end)")
    #expect(end.errors.contains("\(TLSFront.name) does not exist"), "\(end)")
  }

  /// All vendors have the ten seconds together: they are asked side by side.
  @Test(arguments: [["list"], ["check"]])
  func severalVendorsThatDoNotAnswerAreToldWithinTenSecondsInAll(_ words: [String]) throws {
    let deaf = try DeafListener()
    let testHome = try testHome("http://127.0.0.1:\(deaf.port)")
    let end = try testHome.start(words).end(within: 60)
    try expectTime(end.seconds, within: 10, "\(end)")
    #expect(end.status == status(words), "\(end)")
    let said = end.errors + end.output
    #expect(said.ranges(of: "no connection after").count >= 2, "\(end)")
    withExtendedLifetime(deaf) {}
  }

  /// A name server that says nothing: the C library itself waits 10 s, which `check` shows, and nobody waits
  /// twice.
  @Test(
    arguments: [(["list"], 10), (["login", "prime"], 10), (["check"], 14)] as [([String], Double)])
  func aNameServerThatSaysNothingIsWaitedForOnce(_ words: [String], _ most: Double) throws {
    let end = try run(
      words, try testHome(), try NameServer(.silent, options: "options timeout:5 attempts:2"))
    try expectTime(end.seconds, within: most, "\(end)")
    #expect(end.status == status(words), "\(end)")
    #expect((end.errors + end.output).contains("resolve"), "\(end)")
  }

  /// A proxy that refuses does not change its mind; one that has no way right now may find one.
  @Test(arguments: [
    ("403 Forbidden", 69, 4.0), ("407 Proxy Authentication Required", 69, 4.0),
    ("502 Bad Gateway", 69, 10.0),
  ])
  func aProxyThatRefusesIsToldSoon(_ answer: String, _ status: Int32, _ most: Double) throws {
    let proxy = try ScriptedServer { connection, _ in
      _ = connection.read()
      connection.write(Array("HTTP/1.1 \(answer)\r\nContent-Length: 0\r\n\r\n".utf8))
    }
    let testHome = try testHome("https://api.gpu.test")
    testHome.environment["HTTPS_PROXY"] = "http://127.0.0.1:\(proxy.port)"
    for words in [["list", "prime"], ["login", "prime"]] {
      let end = try run(words, testHome, try NameServer(.refusal(3)))
      try expectTime(end.seconds, within: most, "\(end)")
      #expect(end.status == status, "\(end)")
      #expect(end.errors.contains(answer.prefix(3)), "\(end)")
    }
    proxy.stop()
  }

  @Test func withoutAProxyThatRefusesThereIsAWay() throws {
    let proxy = try ScriptedServer { connection, _ in
      _ = connection.read()
      connection.write(Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".utf8))
    }
    let testHome = try testHome()
    let front = testHome.keep(try TLSFront(.named, target: testHome.provider.server.port))
    testHome.environment["SSL_CERT_FILE"] = front.authority
    testHome.environment["DAYTONA_API_URL"] = "\(Self.name):\(front.port)/daytona"
    try testHome.configure("[daytona]\nallow_local = true\n")
    let server = try NameServer(.addresses([[127, 0, 0, 1]]))
    testHome.environment["HTTPS_PROXY"] = "http://127.0.0.1:\(proxy.port)"
    let refused = try run(["prepare", "sb1.daytona"], testHome, server)
    #expect(
      refused.status == 69 && refused.errors.contains("hint: check HTTPS_PROXY"), "\(refused)")
    #expect(testHome.provider.allRequests.isEmpty)
    testHome.environment["HTTPS_PROXY"] = nil
    let end = try run(["prepare", "sb1.daytona"], testHome, server)
    #expect(end.status == 0, "\(end)")
    proxy.stop()
  }

  /// Kerberos would be asked within one call of libcurl's, which knows neither our deadline nor who waits.
  @Test func aSOCKSProxyIsNotOfferedKerberos() throws {
    let offers = Mutex<[[UInt8]]>([])
    let proxy = try ScriptedServer { connection, _ in
      let greeting = connection.read()
      offers.withLock { $0.append(greeting) }
      connection.write([5, 255])
    }
    let testHome = try testHome("https://api.gpu.test")
    testHome.environment["HTTPS_PROXY"] = "socks5h://user:word@127.0.0.1:\(proxy.port)"
    _ = try run(["list", "prime"], testHome, try NameServer(.refusal(3)))
    // Version 5, and how many ways to log in (RFC 1928): none, and a name with a password.
    #expect(offers.withLock { $0.first } == [5, 2, 0, 2])
    proxy.stop()
  }

  @Test func aProxysNameThatDoesNotExistIsFinalToo() throws {
    let testHome = try testHome("https://api.gpu.test")
    testHome.environment["HTTPS_PROXY"] = "http://proxy.fault.example:3128"
    let end = try run(["list", "prime"], testHome, try NameServer(.refusal(3)))
    try expectTime(end.seconds, within: 4, "\(end)")
    #expect(end.status == 69, "\(end)")
    #expect(end.errors.contains("proxy.fault.example does not exist"), "\(end)")
  }

  /// A lookup is given all the time there is, and its own line.
  @Test func slowLookupSucceedsAndCheckShowsItsTime() throws {
    let testHome = try testHome()
    let front = testHome.keep(try TLSFront(.named, target: testHome.provider.server.port))
    testHome.environment["SSL_CERT_FILE"] = front.authority
    testHome.environment["PRIME_API_BASE_URL"] = "\(Self.name):\(front.port)"
    for name in ["DEDALUS_API_KEY", "TENSORPOOL_KEY"] { testHome.environment[name] = nil }
    let server = try NameServer(
      .late(11, [[127, 0, 0, 1]]), options: "options timeout:20 attempts:1")
    let end = try run(["check"], testHome, server)
    #expect(
      end.output.contains(/ok +name prime +looked up for api\.fault\.example \(1[1-9]\d\d\d ms\)/),
      "\(end)")
    // The stand-in answers, though it knows no accounts.
    #expect(end.output.contains(/api prime +check the key: .* \(HTTP 404\)/), "\(end)")
    // One lookup asks for IPv4 and IPv6: none was begun anew.
    #expect(server.queryCount == 2)
  }
}
