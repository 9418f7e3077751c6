import Configuration
import Sessions
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Providers

/// What a cloud that the configuration describes lists, and what its answers may be.
@Suite struct DescribedListTests {
  /// The table of a cloud whose machines have their places there, and what more it says.
  private static func table(_ url: String, _ more: String, at place: String = "") -> String {
    """
    [providers.own]
    url = "\(url)/v1/{id}"
    host = "\(place)/ip"
    user = "u"
    state = "\(place)/state"
    ready = ["up"]
    \(more)

    """
  }

  private func list(
    _ body: String, _ status: Int = 200, items: String? = "list_items = \"/data/all\""
  ) throws -> MachineList {
    let server = try ScriptedAPI([.answer(status, body)])
    let home = try TemporaryDirectory("described")
    let configuration = try home.configuration(
      Self.table(
        server.url,
        """
        api_key = "own-key"
        list = "\(server.url)/v1/all?limit=9"
        list_id = "/id"
        list_name = "/info/0/name"
        list_state = "/state"
        list_gpu = "/gpu"
        \(items ?? "")
        """), vendors: [])
    let factory = ProviderFactory(
      vendors: [], configuration: configuration, environment: [:], caller: .nobody,
      announce: { _ in })
    let kind = try #require(configuration.vendors.first).kind
    let lister = try #require(try factory.machineList(of: kind))
    let found = try lister.machines(until: .now + 5000)
    #expect(server.lines == ["GET /v1/all?limit=9"])
    return found
  }

  @Test func itemsAreRead() throws {
    let body =
      #"[{"id": 17, "info": [{"name": "train"}], "state": "up", "gpu": "H100"}, {"id": "b", "info": []}]"#
    let machines = try list(#"{"data": {"all": \#(body)}}"#).machines
    #expect(machines.map(\.id) == ["17", "b"] && machines.map(\.name) == ["train", nil])
    #expect(machines.map(\.state) == ["up", "unknown"] && machines.map(\.gpu) == ["H100", nil])
    #expect(try list(body, items: nil).machines == machines)
    #expect(try list(#"{"data": {"all": []}}"#).machines.isEmpty)
  }

  @Test(arguments: [
    "", "null", "17", "{}", #"{"data": []}"#, #"{"data": {"all": null}}"#,
    #"{"data": {"all": {}}}"#, #"{"data": {"all": [7]}}"#, #"{"data": {"all": [{}]}}"#,
    #"{"data": {"all": [{"id": null}]}}"#, #"{"data": {"all": [{"id": true}]}}"#,
    #"{"data": {"all": [{"id": "a", "state": {}}]}}"#,
    #"{"data": {"all": [{"id": "a", "info": [{"name": []}]}]}}"#,
  ])
  func whatMakesNoSense(_ body: String) throws {
    #expect(failure { try list(body) }?.kind == .invalidResponse)
    #expect(failure { try list(body, items: nil) }?.kind == .invalidResponse)
  }

  @Test(arguments: [(401, Failure.Kind.denied), (404, .invalidResponse), (400, .rejected)])
  func refusals(_ status: Int, _ kind: Failure.Kind) throws {
    #expect(failure { try list("{}", status) }?.kind == kind)
  }

  /// A name that is no id costs two calls, and what the list says of the key is told.
  @Test(arguments: [(200, Failure.Kind.notFound), (401, .denied)])
  func aNameIsLookedForOnce(_ status: Int, _ kind: Failure.Kind) throws {
    let server = try ScriptedAPI([.answer(404, "{}"), .answer(status, "[]")])
    let configuration = try TemporaryDirectory("described").configuration(
      Self.table(
        server.url,
        """
        api_key = "own-key"
        list = "\(server.url)/v1/all"
        list_id = "/id"
        list_name = "/name"
        """), vendors: [])
    let factory = ProviderFactory(
      vendors: configuration.vendors(besides: []), configuration: configuration, environment: [:],
      caller: .nobody, announce: { _ in })
    let provider = try factory.provider(for: configuration.target(for: Alias("train.own")))
    let found = failure { try provider.open(for: try publicKey(), until: .now + 5000) }
    #expect(found?.kind == kind)
    #expect(server.lines == ["GET /v1/train", "GET /v1/all"])
  }

  /// A place may begin with an index: then the answer is an array.
  @Test func aMachineMayStandInAnArray() throws {
    let configuration = try TemporaryDirectory("described").configuration(
      Self.table("https://own.example", "", at: "/0"), vendors: [])
    let cloud = DescribedCloud(
      description: try #require(configuration.vendors.first?.description))
    func instance(_ body: String) throws -> Instance {
      try cloud.instance(
        HTTPResponse(status: 200, body: Array(body.utf8)), of: "m1", step: "look at the machine")
    }
    let found = try instance(#"[{"ip": "203.0.113.7", "state": "up"}]"#)
    #expect(found.state == "up" && found.place?.host == "203.0.113.7")
    for body in ["[]", "{}", "3", #"{"0": 3}"#] {
      #expect(failure { try instance(body) }?.kind == .invalidResponse, "\(body)")
    }
  }
}
