import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// The simulator itself: what it answers for clouds, and that an sshd is where it says.
  @Suite struct SimulatedCloudTests {
    /// A cloud's calls; `ID` stands for an id.
    struct Cloud: Sendable, CustomTestStringConvertible {
      let name: String
      let id: String
      let one: String
      let all: String
      let key: String
      /// Where the answer about one has its state and address, as `replace_fields` takes it.
      let state: String
      let address: String

      init(
        _ name: String, _ id: String, one: String, all: String, key: String, state: String,
        address: String
      ) {
        (self.name, self.id, self.one, self.all) = (name, id, one, all)
        (self.key, self.state, self.address) = (key, state, address)
      }

      var testDescription: String { name }

      static let all = [
        Cloud(
          "prime_pod", "6f1c2a9be0d74c53", one: "$PRIME_BASE_URL/api/v1/pods/status?pod_ids=ID",
          all: "$PRIME_BASE_URL/api/v1/pods", key: "Authorization: Bearer $PRIME_API_KEY",
          state: "data.0.status", address: "data.0.sshConnection"),
        Cloud(
          "runpod", "7h9k2m4n6p", one: "$RUNPOD_BASE_URL/v2/pods/ID",
          all: "$RUNPOD_BASE_URL/v2/pods", key: "Authorization: Bearer $RUNPOD_API_KEY",
          state: "status", address: "ssh.direct"),
        Cloud(
          "vast", "31415926", one: "$VAST_BASE_URL/api/v0/instances/ID/",
          all: "$VAST_BASE_URL/api/v1/instances/", key: "Authorization: Bearer $VAST_API_KEY",
          state: "instances.actual_status", address: "instances.ports.22/tcp"),
        Cloud(
          "lambda", "0920582c7ff041399e34823a0be62549", one: "$LAMBDA_BASE_URL/api/v1/instances/ID",
          all: "$LAMBDA_BASE_URL/api/v1/instances", key: "Authorization: Bearer $LAMBDA_API_KEY",
          state: "data.status", address: "data.ip"),
        Cloud(
          "shadeform", "d290f1ee-6c54-4b01-90e6-d701748f0851",
          one: "$SHADEFORM_BASE_URL/v1/instances/ID/info", all: "$SHADEFORM_BASE_URL/v1/instances",
          key: "X-API-KEY: $SHADEFORM_API_KEY", state: "status", address: "ip"),
        Cloud(
          "daytona", "b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e",
          one: "$DAYTONA_BASE_URL/api/sandbox/ID", all: "$DAYTONA_BASE_URL/api/sandbox",
          key: "Authorization: Bearer $DAYTONA_API_KEY", state: "state", address: "id"),
      ]
    }

    /// What a request was answered, status and headers first.
    struct Reply {
      let status: Int
      let head: String
      let body: String

      /// The value at `data.0.status`, `nil` where there is none.
      func value(_ path: String) -> Any? {
        var value = try? JSONSerialization.jsonObject(
          with: Data(body.utf8), options: .fragmentsAllowed)
        for name in path.split(separator: ".") {
          if let list = value as? [Any] {
            value = Int(name).flatMap { list.indices.contains($0) ? list[$0] : nil }
          } else {
            value = (value as? [String: Any])?[String(name)]
          }
        }
        return value is NSNull ? nil : value
      }

      func text(_ path: String) -> String? { value(path) as? String }
    }

    let testHome: CommandHome

    init() throws {
      testHome = try CommandHome(CommandTests.simulator)
      // It is asked for itself, with the keys of all vendors.
      testHome.environment.merge(testHome.simulator.environment) { _, own in own }
    }

    private func ask(_ url: String, _ header: String, method: String = "GET") throws -> Reply {
      let end = try testHome.shell(
        #"curl --silent --include --max-time 20 -X \#(method) -H "\#(header)" "\#(url)""#)
      let parts = end.output.replacing("\r\n", with: "\n").split(
        separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
      let head = String(try #require(parts.first))
      let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) }
      return Reply(
        status: try #require(status, "\(end)"), head: head, body: String(parts.last ?? ""))
    }

    private func one(_ cloud: Cloud, _ id: String? = nil) throws -> Reply {
      try ask(cloud.one.replacing("ID", with: id ?? cloud.id), cloud.key)
    }

    /// Logs in to 127.0.0.1; what the login was called and the port that sshd was reached at.
    private func login(_ name: String, port: Int, by key: Bool = true) throws -> [String] {
      let how = key ? "" : "-o PreferredAuthentications=none "
      let end = try testHome.shell(
        #"ssh \#(how)-p \#(port) \#(name)@127.0.0.1 'set -- $SSH_CONNECTION; echo $USER $4'"#)
      return end.output.split(whereSeparator: \.isWhitespace).map { String($0) }
    }

    @Test(arguments: Cloud.all)
    func `a wrong key, an unknown id and too many calls are refused`(_ cloud: Cloud) throws {
      #expect(try one(cloud).status == 200)
      #expect(try ask(cloud.all, cloud.key).body.contains(cloud.id))
      #expect(try ask(cloud.all, cloud.key + "x").status == 401)
      #expect(try ask(cloud.all, "X-Nothing: here").status == 401)
      let unknown = try one(cloud, "nobodys")
      if cloud.name == "prime_pod" {
        #expect(unknown.body == #"{"data":[]}"#, "\(unknown)")
      } else {
        #expect(unknown.status == 404, "\(unknown)")
      }
      try testHome.simulator.scenario(#"{"\#(cloud.name).rate_limit": 2}"#)
      #expect(try one(cloud).status == 200)
      #expect(try ask(cloud.all, cloud.key).status == 200)
      let last = try one(cloud)
      #expect(last.status == 429 && last.head.lowercased().contains("retry-after: "), "\(last)")
    }

    @Test(arguments: Cloud.all)
    func `states come one an answer, and the last one stays`(_ cloud: Cloud) throws {
      let course = #"{"\#(cloud.name).states": ["first", "second", "third"]}"#
      for _ in 0..<2 {
        try testHome.simulator.scenario(course)
        let states = try (0..<4).map { _ in try one(cloud).text(cloud.state) }
        #expect(states == ["first", "second", "third", "third"])
        // The list does not move it on.
        #expect(try ask(cloud.all, cloud.key).body.contains("third"))
      }
    }

    @Test(arguments: Cloud.all)
    func `a fault reaches every member, in lists too`(_ cloud: Cloud) throws {
      #expect(try one(cloud).value(cloud.address) != nil)
      for spoilt in ["null", "7"] {
        try testHome.simulator.scenario(
          #"{"faults": [{"path": "\#(cloud.name == "prime_pod" ? "pods" : cloud.name)", "replace_fields": {"\#(cloud.address)": \#(spoilt)}}]}"#
        )
        let changed = try one(cloud)
        #expect(changed.value(cloud.address) as? Int == Int(spoilt))
        // All else is as it was.
        #expect(changed.text(cloud.state) != nil, "\(changed)")
      }
      try testHome.simulator.scenario(
        #"{"faults": [{"path": ".", "remove_fields": ["\#(cloud.state)"]}]}"#)
      let without = try one(cloud)
      #expect(without.status == 200 && without.value(cloud.state) == nil)
    }

    @Test func `the user's key logs in where a cloud says`() throws {
      let clouds = Dictionary(uniqueKeysWithValues: Cloud.all.map { ($0.name, $0) })
      let runpod = try one(try #require(clouds["runpod"]))
      let runpodPort = try #require(runpod.value("ssh.direct.port") as? Int)
      #expect(try login("root", port: runpodPort) == ["root", "\(runpodPort)"])
      let shadeform = try one(try #require(clouds["shadeform"]))
      let shadeformPort = try #require(shadeform.value("ssh_port") as? Int)
      #expect(try login("shadeform", port: shadeformPort) == ["shadeform", "\(shadeformPort)"])
      #expect(runpodPort != shadeformPort)
      #expect(try login("root", port: runpodPort, by: false) == [])
    }

    @Test func `RunPod without a public port has the proxy alone`() throws {
      let runpod = try #require(Cloud.all.first { $0.name == "runpod" })
      try testHome.simulator.scenario(#"{"runpod.public_port": false}"#)
      let pod = try one(runpod)
      #expect(pod.value("ssh.direct") == nil)
      #expect(pod.text("ssh.proxy.host") == "ssh.runpod.io")
    }

    @Test func `Vast's port follows Jupyter's, and its list comes in pages`() throws {
      let vast = try #require(Cloud.all.first { $0.name == "vast" })
      let direct = try one(vast).text("instances.ports.22/tcp.0.HostPort")
      try testHome.simulator.scenario(
        #"{"vast": {"direct": false, "image_runtype": "jupyter_proxy", "per_page": 1}}"#)
      let proxied = try one(vast)
      #expect(proxied.value("instances.ports.22/tcp") == nil)
      let port = try #require(proxied.value("instances.ssh_port") as? Int)
      #expect(direct == "\(port + 1)")
      let first = try ask(vast.all, vast.key)
      let token = try #require(first.text("next_token"))
      let second = try ask(vast.all + "?after_token=\(token)", vast.key)
      #expect(first.value("instances.0.id") as? Int == 31_415_926)
      #expect(second.value("instances.0.id") as? Int == 27_182_818)
      #expect(second.text("next_token") == nil)
    }

    @Test func `a pod's nodes are behind ports of their own`() throws {
      let pods = try #require(Cloud.all.first { $0.name == "prime_pod" })
      let single = try #require(try one(pods).text("data.0.sshConnection"))
      try testHome.simulator.scenario(#"{"prime_pod": {"nodes": 2}}"#)
      let nodes = try #require(try one(pods).value("data.0.sshConnection") as? [String])
      #expect(nodes.count == 2 && nodes.first == single && nodes.last != single)
      let port = try #require(nodes.last?.split(separator: " ").last.flatMap { Int($0) })
      #expect(try login("root", port: port) == ["root", "\(port)"])
      try testHome.simulator.scenario(
        #"{"prime_pod": {"states": ["INSTALLING"], "null_in_list": true, "progress": 70}}"#)
      let early = try one(pods)
      #expect((early.value("data.0.sshConnection") as? [Any])?.count == 1)
      #expect(early.text("data.0.sshConnection.0") == nil)
      #expect(early.value("data.0.installationProgress") as? Int == 70)
    }

    @Test func `Daytona's token logs in without a key until it is revoked, replaced or over`()
      throws
    {
      let daytona = try #require(Cloud.all.first { $0.name == "daytona" })
      let path = daytona.one.replacing("ID", with: daytona.id)
      let port = try #require(testHome.simulator.ports["daytona"])
      func token() throws -> String {
        let access = try ask(
          "\(path)/ssh-access?expiresInMinutes=60", daytona.key, method: "POST")
        let token = try #require(access.text("token"), "\(access)")
        #expect(access.text("sshCommand") == "ssh -p \(port) \(token)@127.0.0.1")
        return token
      }
      func letsIn(_ token: String) throws -> Bool {
        try login(token, port: port, by: false) == [token, "\(port)"]
      }

      let first = try token()
      #expect(first.utf8.count == 32)
      #expect(try letsIn(first))
      #expect(try !letsIn("nobody"))
      let second = try token()
      #expect(try !letsIn(first) && letsIn(second))
      let revoked = try ask(
        "\(path)/ssh-access?token=\(second)", daytona.key, method: "DELETE")
      #expect(try revoked.status == 200 && !letsIn(second))

      // The gateway has nothing behind a sandbox that is stopped.
      try testHome.simulator.scenario(#"{"daytona": {"states": ["stopped"]}}"#)
      let early = try token()
      #expect(try !letsIn(early))
      #expect(try ask("\(path)/start", daytona.key, method: "POST").text("state") == "starting")
      #expect(try ask("\(path)/start", daytona.key, method: "POST").status == 409)
      #expect(try one(daytona).text("state") == "starting")
      #expect(try one(daytona, "\(daytona.id)-name").text("state") == "started")
      #expect(try letsIn(early))

      try testHome.simulator.scenario(#"{"daytona.ttl_seconds": 1}"#)
      let short = try token()
      #expect(try eventually { try !letsIn(short) })
    }
  }
}
