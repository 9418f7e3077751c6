import Configuration
import Grammar
import SystemIO

extension Vendor {
  static let dedalus = Vendor(
    VendorFacts(
      "dedalus", title: "Dedalus", exampleID: "dm-abc",
      keys: [
        .init(
          "DEDALUS_API_KEY",
          about: "The key for Dedalus, or `DEDALUS_X_API_KEY`. `DEDALUS_ORG_ID` names the "
            + "organization, `DEDALUS_BASE_URL` another address."),
        .init("DEDALUS_X_API_KEY", header: .named("x-api-key")),
      ],
      baseURL: "https://dcs.dedaluslabs.ai", baseURLVariables: ["DEDALUS_BASE_URL"],
      options: [
        VendorOption(
          "organization", VendorOption.word("an organization"), variable: "DEDALUS_ORG_ID",
          isPartOfTarget: true, about: "The organization that requests name.")
      ],
      machineID: DedalusID.form, isAlwaysClaimed: true, hasNames: false, certifiesKeys: true),
    provider: { Dedalus(api: api($0), machine: $1, announce: $0.announce) },
    keyCheck: { ListedAccount.dedalus(api($0)) },
    list: { ListedAccount.dedalus(api($0)) })

  private static func api(_ access: VendorAccess) -> ProviderAPI {
    access.api(
      headers: access.settings.text("organization").map { [("X-Dedalus-Org-Id", $0)] } ?? [])
  }
}

enum DedalusID {
  static let form = VendorFacts.MachineID(
    "a Dedalus machine",
    hint: "a Dedalus id looks like dm-0123abcd (small letters, digits and dashes), or is a UUID in "
      + "small letters like 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    allows: isMachine)

  /// `^dm-[a-z0-9]([a-z0-9-]*[a-z0-9])?$`, 4 to 253 characters (`MachineIDPathSegment` in the API
  /// document), or a bare UUID in lower case (the vendor's SDK from 0.6.0 on).
  static func isMachine(_ text: String) -> Bool {
    if isUUID(text) { return true }
    let dash = UInt8(ascii: "-")
    guard text.hasPrefix("dm-"), (4...Alias.longest).contains(text.utf8.count) else {
      return false
    }
    let rest = text.utf8.dropFirst(3)
    return rest.first != dash && rest.last != dash
      && rest.allSatisfy { byte in
        byte == dash
          || (byte.isAlphanumeric && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte))
      }
  }

  /// Five groups of 8, 4, 4, 4 and 12 digits (RFC 9562, section 4), in lower case.
  private static func isUUID(_ text: String) -> Bool {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.joined().allSatisfy { byte in
        byte.isDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
      }
  }
}

extension ListedAccount {
  /// The user's account at Dedalus, by the calls that the vendor's own client makes.
  static func dedalus(_ api: ProviderAPI) -> ListedAccount {
    let pages = CursorPages(path: ["v1", "machines"], cursorName: "next_cursor") {
      (item) throws(Failure) in
      Machine(
        id: try item.text("machine_id"), state: try item.text("phase"),
        created: try item.textIfAny("created_at"))
    }
    return ListedAccount(pages: pages, api: api, hints: Dedalus.hints)
  }
}
