import Foundation
import TestSupport

extension FaultTable {
  /// However long a provider that was taken over says that its session lives: the alias is its own for
  /// what was asked for, and for `max_life` at most.
  static let lives: [Fault] = [
    life("Prime: a session until the year 9999", most: 900) { testHome in
      testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
        guard call == .primeCreate else { return nil }
        return Reply(200, forEver(provider.primeSession(request)))
      }
    },
    life("Prime: a life of 31 years", most: 900) { testHome in
      testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
        guard call == .primeCreate else { return nil }
        let body = forEver(provider.primeSession(request))
        return Reply(200, JSONText.replacing(["ttl_seconds"], in: body, by: "1000000000"))
      }
    },
    life("Dedalus: a certificate of ten years", "dm-1.dedalus", most: 3600) { certify($0) },
    life(
      "Dedalus: a certificate of ten years, and a max_life of a minute", "dm-1.dedalus", most: 60
    ) { testHome in
      try testHome.configure("max_life = 60\n")
      certify(testHome)
    },
    life("Daytona: a login until the year 9999", "sb1.daytona", most: 3600) { testHome in
      testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
        guard call == .daytonaAccess else { return nil }
        let body = provider.normal(call, request).body
        return Reply(
          200, JSONText.replacing(["expiresAt"], in: body, by: #""9999-12-31T23:59:59Z""#))
      }
    },
    life("TensorPool: with a max_life of a minute", "node1.tensorpool", most: 60) { testHome in
      try testHome.configure("max_life = 60\n")
    },
    life("a fixed host: with a max_life of a minute", "lab", most: 60) { testHome in
      let port = testHome.endpoint.port
      try testHome.configure(
        """
        max_life = 60
        [hosts.lab]
        provider = "static"
        host = "127.0.0.1"
        port = \(port)

        """)
    },
    life("a command's session until the year 9999", "mine", most: 3600) { testHome in
      let answer =
        #"{"version":2,"session":{"endpoint":{"host":"127.0.0.1","port":\#(testHome.endpoint.port)},"expires_at":"9999-12-31T23:59:59Z"}}"#
      let program = try testHome.home.write(
        "#!/bin/sh\ncat >/dev/null\necho '\(answer)'\n", to: "my-cloud", mode: 0o755)
      try testHome.configure("[hosts.mine]\nprovider = \"command\"\ncommand = [\"\(program)\"]\n")
    },
    life("this computer's clock is an hour behind the provider's", .clock, most: 300) { testHome in
      shift(testHome, by: 3600)
    },
    life("this computer's clock is a day ahead of the provider's", .clock, most: 300) { testHome in
      shift(testHome, by: -86_400)
    },
  ]

  private static func life(
    _ name: String, _ alias: String = "sb1.prime", _ moment: FaultMoment = .status, most: Int64,
    _ spoil: @escaping @Sendable (FaultHome) throws -> Void
  ) -> Fault {
    let left =
      ["sb1.prime", "dm-1.dedalus", "sb1.daytona"].contains(alias) ? Left.session : Left(here: 1)
    return Fault(moment, name, status: 0, left: left, alias: alias) { testHome in
      try spoil(testHome)
      let ending = try testHome.connect(alias)
      let now = Int64(Date().timeIntervalSince1970)
      try testHome.home.rewriteRecords(of: alias) { line in
        guard line.hasPrefix("expires "), let end = Int64(line.dropFirst(8)) else { return line }
        // A provider's clock is read from Date, which has whole seconds (RFC 9110, section 5.6.7).
        let latest = now + most + (moment == .clock ? 1 : 0)
        guard (now + most - 30...latest).contains(end) else {
          throw Unexpected("it lives for \(end - now) s, not \(most)")
        }
        return line
      }
      return [ending]
    }
  }

  private static func life(
    _ name: String, _ moment: FaultMoment, most: Int64,
    _ spoil: @escaping @Sendable (FaultHome) throws -> Void
  ) -> Fault { life(name, "sb1.prime", moment, most: most, spoil) }

  private static func forEver(_ body: String) -> String {
    JSONText.replacing(["expires_at"], in: body, by: #""9999-12-31T23:59:59Z""#)
  }

  /// Dedalus names no end, and its certificate one in ten years.
  private static func certify(_ testHome: FaultHome) {
    testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
      guard call == .dedalusPoll else { return nil }
      let id = request.path.split(separator: "/").last.map(String.init) ?? ""
      let line = try? Authority.shared.get().certificate(
        for: provider.publicKey(of: id), principals: "u-1", validity: "-1m:+520w")
      let body = provider.dedalusReady(id, ["user_certificate": "\"\(line ?? "none")\""])
      return Reply(
        200, JSONText.replacing(["expires_at"], in: body, by: #""9999-12-31T23:59:59Z""#))
    }
  }

  /// Prime's clock is another one: its session has five minutes left.
  private static func shift(_ testHome: FaultHome, by offset: Double) {
    testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
      guard call == .primeCreate else { return nil }
      let date = Date(timeIntervalSinceNow: offset).inHTTP
      return Reply(
        200, provider.primeSession(request, expires: offset + 300), headers: ["Date: \(date)"])
    }
  }
}
