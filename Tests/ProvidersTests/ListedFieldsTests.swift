import Configuration
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Providers

/// Each member of each vendor's list: what it may be, and what a hostile one does.
@Suite struct ListedFieldsTests {
  struct Listing: Sendable, CustomTestStringConvertible {
    let vendor: String
    let variables: (key: String, url: String)
    /// The members with what they usually are.
    let texts: [String: String]
    /// Those that every machine has.
    let needed: Set<String>
    var numbers: [String: String] = [:]
    /// - Parameter value: the JSON of a member.
    let body: @Sendable (_ value: (String) -> String) -> String

    var testDescription: String { vendor }

    func body(_ member: String = "", _ json: String = "") -> String {
      body { $0 == member ? json : texts[$0].map { "\"\($0)\"" } ?? numbers[$0] ?? "null" }
    }
  }

  static let all = [
    Listing(
      vendor: "prime-pod", variables: ("PRIME_API_KEY", "PRIME_API_BASE_URL"),
      texts: [
        "id": "m1", "name": "train", "gpuName": "H100", "status": "ACTIVE", "sshConnection": "r@h",
        "createdAt": "2026-01-02T03:04:05Z",
      ], needed: ["id", "status"], numbers: ["gpuCount": "8", "priceHr": "2.5"]
    ) { value in
      let pod =
        ["id", "name", "gpuName", "gpuCount", "status", "priceHr", "sshConnection"]
        + ["createdAt"]
      return #"{"total_count":1,"offset":0,"data":[{\#(members(pod, value))}]}"#
    },
    Listing(
      vendor: "runpod", variables: ("RUNPOD_API_KEY", "RUNPOD_BASE_URL"),
      texts: [
        "id": "m1", "name": "train", "status": "RUNNING", "createdAt": "2026-01-02T03:04:05Z",
        "gpu": "H100",
      ], needed: ["id", "status"], numbers: ["count": "8", "cost": "2.5"]
    ) { value in
      let gpu = #""gpu":{"id":\#(value("gpu")),"count":\#(value("count"))}"#
      return
        #"{"pods":[{\#(members(["id", "name", "status", "cost", "createdAt"], value)),\#(gpu)}]}"#
    },
    Listing(
      vendor: "vast", variables: ("VAST_API_KEY", "VAST_BASE_URL"),
      texts: ["label": "train", "gpu_name": "H100", "actual_status": "running"], needed: ["id"],
      numbers: ["id": "17", "num_gpus": "8", "dph_total": "2.5", "end_date": "1800000000"]
    ) { value in
      let names = ["id", "label", "gpu_name", "num_gpus", "dph_total", "actual_status", "end_date"]
      return #"{"instances":[{\#(members(names, value))}]}"#
    },
    Listing(
      vendor: "lambda", variables: ("LAMBDA_API_KEY", "LAMBDA_BASE_URL"),
      texts: ["id": "m1", "name": "train", "status": "active", "gpu_description": "H100"],
      needed: ["id", "status"], numbers: ["gpus": "8", "price_cents_per_hour": "250"]
    ) { value in
      let type = members(["gpu_description", "price_cents_per_hour"], value)
      let specs = #""specs":{"gpus":\#(value("gpus"))}"#
      return
        #"{"data":[{\#(members(["id", "name", "status"], value)),"instance_type":{\#(type),\#(specs)}}]}"#
    },
    Listing(
      vendor: "shadeform", variables: ("SHADEFORM_API_KEY", "SHADEFORM_BASE_URL"),
      texts: [
        "id": "m1", "name": "train", "status": "active", "gpu_type": "H100",
        "created_at": "2026-01-02T03:04:05Z",
      ], needed: ["id", "status"], numbers: ["num_gpus": "8", "hourly_price": "250"]
    ) { value in
      let names = ["id", "name", "status", "hourly_price", "created_at"]
      let hardware = members(["gpu_type", "num_gpus"], value)
      return #"{"instances":[{\#(members(names, value)),"configuration":{\#(hardware)}}]}"#
    },
    Listing(
      vendor: "daytona", variables: ("DAYTONA_API_KEY", "DAYTONA_API_URL"),
      texts: [
        "id": "m1", "name": "train", "state": "started", "createdAt": "2026-01-02T03:04:05Z",
      ], needed: ["id"]
    ) { value in
      #"{"items":[{\#(members(["id", "name", "state", "createdAt"], value))}],"nextCursor":null}"#
    },
  ]

  private static func members(_ names: [String], _ value: (String) -> String) -> String {
    names.map { "\"\($0)\":\(value($0))" }.joined(separator: ",")
  }

  /// The lists that the answers make, or why one makes none.
  private func lists(
    _ listing: Listing, _ bodies: [String]
  ) throws -> [Result<[Machine], Failure>] {
    let server = try ScriptedAPI(bodies.map { .answer(200, $0) })
    let home = try TemporaryDirectory("listed")
    let environment = [listing.variables.key: "a-key", listing.variables.url: server.url]
    let configuration = try home.configuration(environment: environment)
    let factory = ProviderFactory(
      vendors: Vendors.all, configuration: configuration, environment: environment, caller: .nobody,
      announce: { _ in })
    let kind = try #require(configuration.vendors.first { $0.name == listing.vendor }).kind
    let lister = try #require(try factory.machineList(of: kind))
    return bodies.map { _ in
      Result { () throws(Failure) in try lister.machines(until: .now + 5000).machines }
    }
  }

  @Test(arguments: all) func usually(_ listing: Listing) throws {
    let machine = try #require(try lists(listing, [listing.body()])[0].get().first)
    #expect(machine.id == (listing.vendor == "vast" ? "17" : "m1") && machine.name == "train")
    guard listing.vendor != "daytona" else { return }
    #expect(machine.gpu == "H100" && machine.gpuCount == 8 && machine.pricePerHour == 2.5)
  }

  /// None moves a cursor, makes a line of its own, or is longer than a line.
  @Test(arguments: all) func hostileTextsAreSafeToShow(_ listing: Listing) throws {
    let mark = "zzmarkzz"
    let texts = [
      #"\#(mark)\n\#(mark)\r"#, #"\u001b[2J\#(mark)\u0007"#, #"\u009b2J\#(mark)"#,
      #"\u202e\#(mark)\u200b"#, #"\u2028\#(mark)\u0085"#, #"\u0000\#(mark)"#, #"-o\#(mark)"#,
      #"\#(mark)\t\#(mark)"#, String(repeating: mark, count: 2000), "", " ", "../" + mark,
    ]
    for member in listing.texts.keys {
      let bodies = texts.map { listing.body(member, "\"\($0)\"") }
      for (text, found) in zip(texts, try lists(listing, bodies)) {
        guard case .success(let machines) = found else {
          #expect(throws: Failure.self) { try found.get() }
          continue
        }
        let machine = try #require(machines.first)
        let shown = [machine.id, machine.name, machine.gpu, machine.state].compactMap { $0 }
        for word in shown {
          // With the mark of what was cut off.
          #expect(word.count <= 254, "\(member): \(text.prefix(40))")
          let isPlain = word.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value)
              && !["\u{202e}", "\u{200b}", "\u{2028}"].contains($0)
          }
          #expect(isPlain, "\(member): \(text.prefix(40))")
        }
      }
    }
  }

  /// What every machine has may not be null or of another type; of the rest, null is nothing.
  @Test(arguments: all) func wrongTypesAndNull(_ listing: Listing) throws {
    for member in Array(listing.texts.keys) + Array(listing.numbers.keys) {
      let values = ["null", "true", "{}", #"[{"a":1}]"#]
      let found = try lists(listing, values.map { listing.body(member, $0) })
      for (value, result) in zip(values, found) {
        let mayBe = value == "null" && !listing.needed.contains(member)
        switch result {
        case .success(let machines):
          #expect(mayBe && machines.count == 1, "\(member): \(value)")
          #expect(machines.first?.state.isEmpty == false, "\(member): \(value)")
        case .failure(let failure):
          #expect(!mayBe && failure.kind == .invalidResponse, "\(member): \(value): \(failure)")
        }
      }
    }
  }

  /// A number beyond all bounds is one that the vendor does not say.
  @Test(arguments: all) func numbersBeyondAllBounds(_ listing: Listing) throws {
    let values = ["-1", "1e400", "99999999999999999999", "-9223372036854775809", "0.5"]
    for member in listing.numbers.keys where !listing.needed.contains(member) {
      for result in try lists(listing, values.map { listing.body(member, $0) }) {
        let machine = try #require(try result.get().first)
        #expect(machine.gpuCount.map { 0...100_000 ~= $0 } ?? true, "\(member): \(machine)")
        #expect(machine.pricePerHour.map { 0...1_000_000 ~= $0 } ?? true, "\(member): \(machine)")
      }
    }
  }
}
