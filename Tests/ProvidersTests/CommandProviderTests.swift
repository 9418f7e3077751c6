import Configuration
import Foundation
import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

/// A program of the user's own, played by a shell.
@Suite struct CommandProviderTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("command") }

  private func provider(_ answers: String..., status: Int = 0) throws -> CommandProvider {
    for (number, text) in zip(1..., answers) { try folder.write(text, to: "answer\(number)") }
    let program = try folder.write(
      """
      cat >> '\(folder.path)/requests'
      count=$(wc -l < '\(folder.path)/requests')
      cat "\(folder.path)/answer$count"
      exit \(status)
      """, to: "program")
    return CommandProvider(
      words: ["/bin/sh", program], id: "i-42", environment: ["PATH=/usr/bin:/bin"], caller: .nobody)
  }

  private var requests: [[String: Any]] {
    (folder.read("requests") ?? "").split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }

  private func open(_ provider: CommandProvider) throws(Failure) -> Session {
    let pair = try KeyPair.generate(.ed25519)
    return try provider.open(for: pair.publicKey, until: .now + 60_000)
  }

  private static let session = #"{"version": 2, "session": {"endpoint": {"host": "h", "port": 7}}}"#

  @Test func opens() throws {
    let session = try open(try provider(Self.session))
    #expect(session.endpoint == HostAndPort(host: "h", port: 7))
    #expect(session.login == .users(login: nil, identityFile: nil))
    #expect(session.hostTrust == .users)
    let request = try #require(requests.first)
    #expect(
      request.keys.sorted() == ["action", "deadline_ms", "id", "public_key", "version"])
    #expect(request["action"] as? String == "open")
    #expect(request["id"] as? String == "i-42")
    #expect(request["version"] as? Int == 2)
    #expect((request["public_key"] as? String)?.hasPrefix("ssh-ed25519 ") == true)
    #expect((30_000...60_000).contains(request["deadline_ms"] as? Int ?? 0))
  }

  private static func withSecret(_ more: String, _ secret: String = "tok_0123456789abcdef")
    -> String
  {
    #"{"version": 2, "session": {"endpoint": {"host": "h", "port": 7}, "secret_login": "\#(secret)"\#(more)}}"#
  }

  @Test func aLoginCanBeASecretWithoutAKey() throws {
    let session = try open(try provider(Self.withSecret("")))
    #expect(session.login == .secret(SecretLogin("tok_0123456789abcdef")))
    #expect(session.hostTrust == .users && session.loginName == nil)
    #expect(!"\(session)".contains("tok_0123456789abcdef"))
    let settings = session.loginSettings(for: "box", directory: "/d")
    #expect(settings.first == Setting(.user, "tok_0123456789abcdef"))
    #expect(settings.contains(Setting(.preferredAuthentications, "none")))
    #expect(settings.contains(Setting(.pubkeyAuthentication, "no")))
    #expect(!settings.contains { $0.keyword == .identityFile })
  }

  @Test func aSecretLoginCanHaveHostTrust() throws {
    let session = try open(
      try provider(Self.withSecret(#", "host_trust": {"kind": "trust_on_first_use"}"#)))
    #expect(session.hostTrust == .trustOnFirstUse)
    let settings = session.loginSettings(for: "box", directory: "/d")
    #expect(settings.contains(Setting(.userKnownHostsFile, "/d/known_hosts")))
    #expect(settings.contains(Setting(.strictHostKeyChecking, "accept-new")))
  }

  @Test(arguments: [
    (#", "login": "me""#, "tok_0123456789abcdef"),
    (#", "certificate": "x""#, "tok_0123456789abcdef"),
    ("", "short"), ("", "-oProxyCommand=0123456789"), ("", "tok_0123456789 abcdef"),
    ("", "tok_0123456789%n"), ("", ""),
  ])
  func aSecretLoginThatIsNone(_ more: String, _ secret: String) throws {
    let found = failure { try open(try provider(Self.withSecret(more, secret))) }
    #expect(found?.kind == .invalidResponse)
    #expect(secret.isEmpty || found.map { !"\($0)".contains(secret) } == true)
  }

  @Test func closes() throws {
    var session = try open(
      try provider(
        Self.session, #"{"version": 2, "error": {"kind": "not_found", "message": "gone"}}"#))
    let provider = CommandProvider(
      words: ["/bin/sh", folder.path(of: "program")], id: "i-42",
      environment: ["PATH=/usr/bin:/bin"],
      caller: .nobody)
    try provider.close(session, until: .now + 60_000)
    #expect(requests.count == 1)
    session.id = "s-1"
    try provider.close(session, until: .now + 60_000)
    #expect(requests.last?["action"] as? String == "close")
    #expect(requests.last?["session_id"] as? String == "s-1")
    #expect(requests.last?["public_key"] == nil)
  }

  @Test(
    arguments: [
      ("denied", .denied), ("not_found", .notFound), ("temporary", .temporary),
      ("unreachable", .unreachable),
      ("rejected", .rejected), ("invalid_response", .invalidResponse), ("other", .invalidResponse),
    ] as [(String, Failure.Kind)])
  func errorsByKind(_ name: String, _ kind: Failure.Kind) throws {
    let provider = try provider(
      #"{"version": 2, "error": {"kind": "\#(name)", "message": "no\u001b", "hint": "try"}}"#,
      status: 3)
    let found = failure { try open(provider) }
    #expect(found?.kind == kind)
    #expect(requests.count == 1)
    if name != "other" {
      #expect(found?.message == "/bin/sh says: no?")
      #expect(found?.hint == "try")
    }
  }

  @Test func busyWithATimeIsAskedAgain() throws {
    let busy =
      #"{"version": 2, "error": {"kind": "temporary", "message": "m", "retry_after_ms": 20}}"#
    _ = try open(try provider(busy, busy, Self.session))
    #expect(requests.count == 3)
  }

  /// However the program names the host's key, the session has it; other lines and kinds are refused.
  @Test func hostKeys() throws {
    let publicKey = try publicKey()
    let key = publicKey.line
    func trust(_ members: String) throws -> Session.HostTrust {
      try folder.write("", to: "requests")
      let text = Self.session(#""login": "a", "host_trust": {\#(members)}"#)
      return try open(try provider(text)).hostTrust
    }
    #expect(try trust(#""kind": "host_key", "public_key": "\#(key)""#) == .hostKeys([publicKey]))
    #expect(try trust(#""kind": "trust_on_first_use""#) == .trustOnFirstUse)
    let lines = #"["other \#(key)", "[h]:7 \#(key)", "no comment"]"#
    #expect(try trust(#""kind": "known_hosts", "lines": \#(lines)"#) == .hostKeys([publicKey]))
    let authority = #"["@cert-authority [h]:7 \#(key)"]"#
    #expect(try trust(#""kind": "known_hosts", "lines": \#(authority)"#) == .authority(publicKey))
    for wrong in [
      #""kind": "host_key", "public_key": "ssh-ed25519 AAAA""#, #""kind": "host_key""#,
      #""kind": "known_hosts", "lines": ["h \#(key)"]"#, #""kind": "known_hosts", "lines": []"#,
      #""kind": "known_hosts", "lines": ["@revoked [h]:7 \#(key)", "[h]:7 \#(key)"]"#,
      #""kind": "known_hosts", "lines": ["@revoked h \#(key)", "[h]:7 \#(key)"]"#,
      #""kind": "known_hosts", "lines": ["@cert-authority [h]:7 \#(key)", "@revoked * \#(key)"]"#,
      #""kind": "known_hosts", "lines": "[h]:7 \#(key)""#, #""kind": "none""#,
    ] {
      let found = failure { try trust(wrong) }
      #expect(found?.kind == .invalidResponse, "\(wrong)")
    }
  }

  @Test(arguments: [
    ("", "answer"), ("{}", "\"version\""), (#"{"version": 3}"#, "version 3"),
    (#"{"version": 2}"#, "\"session\""), ("hello", "JSON"),
    (#"{"version": 2, "session": {}}"#, "\"session.endpoint\""),
    (#"{"version": 2, "session": {"endpoint": {"host": "-x", "port": 7}}}"#, "\"host\""),
    (#"{"version": 2, "session": {"endpoint": {"host": "h", "port": 0}}}"#, "\"port\""),
    (session(#""login": "-l""#), "\"login\""),
    (session(#""session_id": "../x""#), "\"session_id\""),
    (session(#""preamble": "a\nb\n""#), "\"preamble\""),
    (session(#""preamble": "SSH\u0000""#), "\"preamble\""),
    (session(#""certificate": "ssh-ed25519-cert-v01@openssh.com AAAA""#), "login"),
    (session(#""login": "a", "certificate": "x""#), "certificate"),
    (session(#""expires_at": "later""#), "\"expires_at\""),
    (
      session(#""host_trust": {"kind": "authority", "host_pattern": "*", "public_key": "x"}"#),
      "host_trust"
    ),
  ])
  func invalidResponse(_ text: String, _ words: String) throws {
    let found = failure { try open(try provider(text)) }
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message.contains(words) == true, "\(found?.message ?? "")")
  }

  /// What cannot be used is closed, whatever of it cannot be read.
  @Test(arguments: [
    #"{"session_id": "s-1"}"#, #"{"session_id": "s-1", "endpoint": {"host": "-x", "port": 7}}"#,
    #"{"session_id": "s-1", "endpoint": {"host": "h", "port": 7}, "login": 3}"#,
  ])
  func whatIsOfNoUseIsClosed(_ given: String) throws {
    let provider = try provider(#"{"version": 2, "session": \#(given)}"#, #"{"version": 2}"#)
    #expect(failure { try open(provider) }?.kind == .invalidResponse)
    #expect(requests.map { $0["action"] as? String } == ["open", "close"])
    #expect(requests.last?["session_id"] as? String == "s-1")
  }

  private static func session(_ members: String) -> String {
    #"{"version": 2, "session": {"endpoint": {"host": "h", "port": 7}, \#(members)}}"#
  }

  @Test func statusWithoutAnAnswer() throws {
    let found = failure { try open(try provider("", status: 4)) }
    #expect(found?.kind == .rejected)
    #expect(found?.message.contains("status 4") == true)
  }

  @Test func floods() throws {
    let program = try folder.write("exec yes\n", to: "yes")
    let provider = CommandProvider(
      words: ["/bin/sh", program], id: "i", environment: ["PATH=/usr/bin:/bin"], caller: .nobody)
    #expect(failure { try open(provider) }?.kind == .invalidResponse)
  }

  @Test func programThatIsNotThere() throws {
    let provider = CommandProvider(
      words: [folder.path(of: "none")], id: "i", environment: [], caller: .nobody)
    let found = failure { try open(provider) }
    #expect(found?.kind == .inputOutput)
    #expect(found?.message == "no such file or directory")
  }
}
