import Configuration
import Foundation
import OpenSSH
import Sessions
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Providers

/// How a name finds its machine, at a vendor that counts what it is asked.
@Suite struct MachineByNameTests {
  /// Unchecked: each test has its own, on its own thread.
  private final class Log: @unchecked Sendable {
    var opened: [String] = []
    var closed: [String] = []
    var lists = 0
    var known: Set<String> = ["i1", "i2", "i3"]
    var machines = [("i1", "train"), ("i2", "twin"), ("i3", "TWIN")]
    var listFailure: Failure?
  }

  private struct Fake: SessionProvider {
    let id: String
    let log: Log

    func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
      log.opened.append(id)
      guard log.known.contains(id) else { throw Failure(.notFound, "knows no such machine") }
      return Session(
        id: nil, endpoint: HostAndPort(host: "h", port: 22),
        login: .users(login: nil, identityFile: nil), hostTrust: .users,
        expires: WallClock.seconds + 60)
    }
    func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool { true }
    func close(_ session: Session, until deadline: Moment) throws(Failure) { log.closed.append(id) }
  }

  private struct FakeList: MachineListing, KeyChecking {
    let log: Log

    func machines(until deadline: Moment) throws(Failure) -> MachineList {
      log.lists += 1
      if let failure = log.listFailure { throw failure }
      var list = MachineList()
      let response = HTTPResponse(
        status: 200, body: [], retryAfter: nil, date: nil, without: Secrets())
      _ = list.add(
        log.machines.map { Machine(id: $0, name: $1, state: "up", created: nil) }, of: response,
        hasMore: false)
      return list
    }
    func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
      KeyVerdict(owner: nil, time: nil)
    }
  }

  private let home: TemporaryDirectory
  private let log = Log()

  init() throws { home = try TemporaryDirectory("names") }

  private func provider(
    _ alias: String, form: VendorFacts.MachineID? = nil, environment: [String: String] = [:]
  ) throws -> any SessionProvider {
    let log = log
    let vendor = Vendor(
      VendorFacts(
        "odd", title: "Odd", keys: [.init("ODD_KEY")], baseURL: "https://odd.example",
        options: [
          VendorOption(
            "zone", VendorOption.word("a zone"), variable: "ODD_ZONE", isPartOfTarget: true,
            about: "")
        ], machineID: form, hasNodes: true),
      provider: { Fake(id: $1, log: log) }, keyCheck: { _ in FakeList(log: log) },
      list: { _ in FakeList(log: log) })
    let environment = environment.merging(["ODD_KEY": "a-key-of-odd"]) { $1 }
    let configuration = try home.configuration(environment: environment, vendors: [vendor.facts])
    return try ProviderFactory(
      vendors: [vendor], configuration: configuration, environment: environment, caller: .nobody,
      announce: { _ in }
    ).provider(for: configuration.target(for: Alias(alias)))
  }

  private func open(
    _ alias: String, form: VendorFacts.MachineID? = nil, environment: [String: String] = [:]
  ) throws -> Session {
    try provider(alias, form: form, environment: environment).open(
      for: publicKey(), until: .now + 60_000)
  }

  /// Makes what is remembered older.
  private func age(by seconds: Int64) throws {
    let name = ".local/state/sshproxy/machines"
    let words = try #require(home.read(name)).split(separator: " ", maxSplits: 3)
    let time = try #require(Int64(words[2]))
    try home.write(
      "\(words[0]) \(words[1]) \(time - seconds) \(words[3])", to: name, mode: 0o600)
  }

  @Test func anIdNeedsNoList() throws {
    #expect(try open("i1.odd").machine == nil)
    #expect(log.opened == ["i1"] && log.lists == 0)
  }

  @Test func aNameIsLookedForOnceAMinute() throws {
    let session = try open("train.odd")
    #expect(session.machine == "i1")
    #expect(log.opened == ["train", "i1"] && log.lists == 1)
    #expect(try open("Train.odd").machine == "i1")
    #expect(log.opened == ["train", "i1", "train", "i1"] && log.lists == 1)
    try age(by: 61)
    #expect(try open("train.odd").machine == "i1")
    #expect(log.opened == ["train", "i1", "train", "i1", "train", "i1"] && log.lists == 2)
    // What it is later asked about is the machine.
    try provider("train.odd").close(session, until: .now + 60_000)
    #expect(log.closed == ["i1"])
  }

  @Test func aNameThatIsThereNoMoreOrLeadsElsewhereIsLookedForAgain() throws {
    _ = try open("train.odd")
    log.known.remove("i1")
    log.known.insert("i4")
    log.machines[0].0 = "i4"
    #expect(try open("train.odd").machine == "i4")
    #expect(log.lists == 2)
    log.known.remove("i4")
    #expect(failure { try open("train.odd") }?.kind == .notFound)
    #expect(log.lists == 3)
  }

  @Test func anUnknownNameIsAskedForAgainAfterSeconds() throws {
    #expect(failure { try open("new.odd") }?.message == "knows no such machine")
    #expect(failure { try open("new.odd") }?.message == "knows no such machine")
    #expect(log.lists == 1)
    log.machines.append(("i1", "new"))
    try age(by: 6)
    #expect(try open("new.odd").machine == "i1")
    #expect(log.lists == 2)
  }

  @Test func ofTwoNeitherIsTakenUnlessOneHasItAsItsId() throws {
    for _ in 1...2 {
      let failure = failure { try open("twin.odd") }
      #expect(failure?.kind == .notFound)
      #expect(failure?.message.hasSuffix("are named \"twin\": i2.odd, i3.odd") == true)
    }
    #expect(log.lists == 1)
    log.known.insert("twin")
    #expect(try open("twin.odd").machine == nil)
    log.machines.append(("i5", "i1"))
    try age(by: 61)
    #expect(try open("i1.odd").machine == nil)
    #expect(failure { try open("other.odd") } != nil)
    #expect(try open("i1.odd").machine == nil)
  }

  /// A list leaves out what is stopped, or another team's: its id leads there all the same, whoever has given a
  /// machine that is listed that name.
  @Test func anIdThatIsNotListedIsNobodysName() throws {
    log.known.insert("i9")
    log.machines.append(("i2", "i9"))
    _ = try open("train.odd")
    #expect(log.lists == 1)
    #expect(try open("i9.odd").machine == nil)
    #expect(log.opened.last == "i9")
  }

  /// A list that fails says nothing of the name: the first answer stands.
  @Test func theListsOwnFailureIsNotShown() throws {
    log.listFailure = Failure(.unreachable, "no network")
    #expect(failure { try open("new.odd") }?.message == "knows no such machine")
  }

  /// Another zone has another list, with names of its own.
  @Test func whatIsRememberedIsOfOneAccount() throws {
    _ = try open("train.odd")
    log.machines[0].0 = "i2"
    #expect(try open("train.odd", environment: ["ODD_ZONE": "b"]).machine == "i2")
    #expect(log.lists == 2)
  }

  @Test func whatCannotBeAnIdIsNotAskedForAsOne() throws {
    let form = VendorFacts.MachineID("an Odd machine", hint: "i and digits") { $0.hasPrefix("i") }
    #expect(try open("train.odd", form: form).machine == "i1")
    #expect(log.opened == ["i1"])
    let none = failure { try open("nobody.odd", form: form) }
    #expect(none?.kind == .notFound && none?.hint == "i and digits")
    #expect(
      none?.message.hasSuffix("is not the id of an Odd machine, and Odd lists none of that name")
        == true)
    log.listFailure = Failure(.unreachable, "no network")
    #expect(
      failure { try open("else.odd", form: form, environment: ["ODD_ZONE": "c"]) }?.kind
        == .unreachable)
  }

  @Test func aNodeOfANamedMachineIsItsToo() throws {
    log.known.formUnion(["n2.i1", "n12.i1"])
    #expect(try open("n2.train.odd").machine == "n2.i1")
    #expect(try open("n12.train.odd").machine == "n12.i1")
    #expect(try open("n2.i1.odd").machine == nil)
    #expect(log.lists == 1)
    for name in ["n0.train", "n.train", "n12345.train", "x2.train", "n2.n2.train"] {
      #expect(failure { try open("\(name).odd") }?.kind == .notFound)
    }
  }

  /// What a vendor lists may be anything.
  @Test func hostileNamesAndIdsLeadNowhere() throws {
    log.machines = [
      ("i1", "two words"), ("i2", "a\nmachine x evil ok"), ("../x", "up"), ("a b", "blank"),
      ("i3", "-"), ("-o", "dash"), ("i1", "*"),
    ]
    for name in ["two", "evil", "ok", "up", "blank", "dash", "machine"] {
      #expect(failure { try open("\(name).odd") }?.kind == .notFound)
    }
    #expect(log.opened.allSatisfy { !$0.contains("/") && !$0.contains(" ") && $0 != "-o" })
    let lists = MachineCache(try FileLocations(home: home.path, environment: [:])).lists
    #expect(lists.map(\.provider) == ["odd"])
    #expect(lists.first?.names == [])
  }

  /// As many machines as a list may have, with ids as long as they may be: `list`, the picker and the shell's
  /// completion ask for the name of each.
  @Test func theNamesOfThousandsCostLittle() throws {
    let end = String(repeating: "a", count: 240)
    log.machines = (1...MachineList.Limit.machines).map { ("i\($0)-\(end)", "n\($0)") }
    log.known = ["i7-\(end)"]
    #expect(try open("n7.odd").machine == "i7-\(end)")
    let list = try #require(
      MachineCache(try FileLocations(home: home.path, environment: [:])).lists.first)
    let begin = processorTime()
    #expect(list.names.count == MachineList.Limit.machines)
    for (id, name) in log.machines {
      #expect(list.name(of: Machine(id: id, name: name, state: "", created: nil)) == name)
    }
    let spent = processorTime() - begin
    #expect(spent < 2 * Sanitizers.slowness, "\(spent) s")
  }
}
