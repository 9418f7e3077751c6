import Configuration
import Sessions
import SystemIO
import TestConfiguration
import TestSupport
import Testing

/// What an id of Dedalus may be: the API document's form, or a bare UUID in lower case.
@Suite struct DedalusIdTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  static let uuid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

  @Test(arguments: ["dm-a", "dm-a-b0", uuid, "00000000-0000-0000-0000-000000000000"])
  func accepts(_ id: String) throws {
    let configuration = try home.configuration(
      "[hosts.train]\nprovider = \"dedalus\"\nid = \"\(id)\"\n")
    #expect(try configuration.target(for: Alias("\(id).dedalus")).id == id)
    #expect(try configuration.target(for: Alias("train")).id == id)
  }

  @Test(arguments: [
    "dm-", "dm--a", "box", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
    "017f22e279b07cc398c4dc0c0c07398f",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398fa", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
    "017f22e2--79b0-7cc3-98c4-dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
  ])
  func refuses(_ id: String) throws {
    let alias = failure {
      try home.configuration().target(for: Alias("\(id == "dm-" ? "dm-.x" : id).dedalus"))
    }
    #expect(alias?.kind == .usage)
    #expect(alias?.hint?.contains(Self.uuid) == true, "\(alias?.hint ?? "")")
    let host = failure {
      try home.configuration("[hosts.train]\nprovider = \"dedalus\"\nid = \"\(id)\"\n")
    }
    #expect(host?.kind == .configuration)
  }

  /// A configured id is sent as it stands, so its letters have to be small.
  @Test func aConfiguredIdInCapitalsIsRefused() throws {
    let failure = failure {
      try home.configuration(
        "[hosts.train]\nprovider = \"dedalus\"\nid = \"\(Self.uuid.uppercased())\"\n")
    }
    #expect(failure?.kind == .configuration)
    #expect(failure?.hint?.contains(Self.uuid) == true)
  }
}
