import Foundation
import TestSupport

extension FaultTable {
  /// Answers that lead where none may lead.
  static let astray = toAliases + toThisComputer

  private static let aliasWords = "which is an alias of this computer's own"
  private static let localWords = "which is on this computer or its own link"

  /// ssh would give such a hop to another ssh, which would ask us again.
  private static let toAliases: [Fault] = [
    astray(
      "TensorPool: a jump host that is an alias", "node1.tensorpool",
      [
        "ssh -J node1.tensorpool root@127.0.0.1", "ssh -J x@node1.tensorpool root@127.0.0.1",
        "ssh -J NODE1.TensorPool root@127.0.0.1", "ssh -J other.tensorpool:22 root@127.0.0.1",
        "ssh -J 127.0.0.1,dm-victim.dedalus root@127.0.0.1",
        "ssh -J ssh://u@sb1.pi:22,127.0.0.1 root@127.0.0.1", "ssh -J sb1.prime root@127.0.0.1",
        "ssh -o ProxyJump=node1.tensorpool root@127.0.0.1",
        "ssh -o 'proxyjump u@LAB' root@127.0.0.1", "ssh -J mybox root@127.0.0.1",
      ]),
    astray(
      "TensorPool: a host that is an alias", "node1.tensorpool",
      [
        "ssh root@node1.tensorpool", "ssh -p 22 root@SB1.Pi", "ssh ssh://root@lab:22",
        "ssh -J 127.0.0.1 root@dm-1.dedalus", "ssh -l root MyBox",
      ]),
    astray("Prime: a host that is an alias", "sb1.prime", ["sb2.pi", "node1.tensorpool", "LAB"]),
    astray("Dedalus: an endpoint that is an alias", "dm-1.dedalus", ["dm-2.Dedalus", "mybox"]),
    astray("Daytona: a host that is an alias", "sb1.daytona", ["sb2.Daytona", "sb2.pi", "LAB"]),
    astray(
      "RunPod: a host that is an alias", "m1.runpod", ["m2.RunPod", "node1.tensorpool", "LAB"]),
    astray("a described cloud: a host that is an alias", "m1.own", ["m2.own", "mybox"]),
  ]

  private static func astray(_ name: String, _ alias: String, _ places: [String]) -> Fault {
    Fault(.status, name, status: 65, says: aliasWords, alias: alias) { testHome in
      // The suffix that Prime had before is asked for until `setup` is run again.
      let suffix = alias.hasSuffix(".prime") ? "" : "[prime]\nsuffix = \"pi\"\n"
      try testHome.configure(
        """
        \(suffix)
        [hosts.lab]
        provider = "static"
        host = "127.0.0.1"
        [hosts.mybox]
        provider = "command"
        command = ["/bin/false"]
        """)
      return try places.map { place in
        testHome.wipe()
        let place = suffix.isEmpty ? place.replacing("sb2.pi", with: "sb2.prime") : place
        lead(testHome, to: place)
        return try testHome.connect(alias)
      }
    }
  }

  private static let localPlaces = [
    "127.0.0.1", "127.9.9.9", "localhost", "LocalHost", "box.localhost", "::1", "0.0.0.0", "::",
    "169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "::ffff:127.0.0.1", "255.255.255.255",
    "box.fault.example",
  ]

  private static let toThisComputer: [Fault] = [
    local("Prime: a host on this computer or its link", "sb1.prime", localPlaces),
    local(
      "Dedalus: an endpoint on this computer", "dm-1.dedalus", ["127.0.0.1", "box.fault.example"]),
    local(
      "TensorPool: a host or jump host on this computer", "node1.tensorpool",
      ["127.0.0.1", "localhost", "box.fault.example"].flatMap {
        ["ssh u@\($0)", "ssh -J \($0) u@203.0.113.7", "ssh -J 203.0.113.7,\($0) u@203.0.113.8"]
      }.filter { !$0.hasPrefix("ssh -J 203.0.113.7,box") }),
    local("Daytona: a host on this computer", "sb1.daytona", ["127.0.0.1", "box.fault.example"]),
    local("RunPod: a host on this computer", "m1.runpod", ["127.0.0.1", "box.fault.example"]),
    local(
      "a host on this computer, with allow_local = true", "sb1.prime",
      ["127.0.0.1", "localhost", "box.fault.example"], status: 0, left: Left(here: 1, there: 1),
      configuration: "[prime]\nallow_local = true\n"),
  ]

  /// The API is reached by TLS under a name that is not this computer's, which a name server gives the
  /// address 127.0.0.1 all the same, as it does to every name.
  private static func local(
    _ name: String, _ alias: String, _ places: [String], status: Int32 = 65,
    left: Left = .nothing, configuration: String = ""
  ) -> Fault {
    Fault(
      .status, "an API elsewhere: \(name)", status: status, says: status == 0 ? "" : localWords,
      left: left, alias: alias
    ) { testHome in
      let front = testHome.keep(try TLSFront(.named, target: testHome.provider.server.port))
      let names = testHome.keep(try NameServer(.addresses([[127, 0, 0, 1]])))
      let base = "https://\(TLSFront.name):\(front.port)"
      let variables = [
        "PRIME_API_BASE_URL": "", "DEDALUS_BASE_URL": "", "TENSORPOOL_ENGINE": "",
        "DAYTONA_API_URL": "/daytona", "RUNPOD_BASE_URL": "/runpod",
      ]
      for (name, folder) in variables { testHome.environment[name] = base + folder }
      testHome.environment["SSL_CERT_FILE"] = front.authority
      defer {
        for (name, folder) in variables {
          testHome.environment[name] = testHome.provider.url + folder
        }
      }
      try testHome.configure(configuration)
      return try places.map { place in
        testHome.wipe()
        lead(testHome, to: place, gateway: "\(base)/gateway")
        let (program, words) = names.command(BuiltProgram.sshproxy, ["connect", alias])
        return try testHome.start(words, program: program).end()
      }
    }
  }

  private static func lead(_ testHome: FaultHome, to place: String, gateway: String? = nil) {
    testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
      switch call {
      case .primeCreate:
        var body = provider.normal(call, request).body
        body = JSONText.replacing(["host"], in: body, by: "\"\(place)\"")
        if let gateway {
          body = JSONText.replacing(["gateway_url"], in: body, by: "\"\(gateway)\"")
        }
        return Reply(200, body)
      case .dedalusPoll:
        let id = request.path.split(separator: "/").last.map(String.init) ?? ""
        return Reply(
          200,
          provider.dedalusReady(
            id, ["endpoint": "\"\(place)\"", "host_trust": trust(for: place)]))
      case .tensorpoolAsk: return Reply(200, #"{"command":"\#(place)"}"#)
      case .daytonaAccess:
        let body = provider.normal(call, request).body
        let token = provider.openSessions.first { $0.hasPrefix(ScriptedProvider.daytonaToken) }
        return Reply(
          200,
          JSONText.replacing(["sshCommand"], in: body, by: "\"ssh \(token ?? "")@\(place)\""))
      default:
        guard let cloud = CloudAnswer.all[call] else { return nil }
        let body = provider.normal(call, request).body
        return Reply(200, JSONText.replacing(cloud.host, in: body, by: "\"\(place)\""))
      }
    }
  }

  private static func trust(for host: String) -> String {
    let key = (try? Authority.shared.get().publicKey) ?? ""
    return #"{"kind":"cert_authority","host_pattern":"\#(host)","public_key":"\#(key)"}"#
  }
}
