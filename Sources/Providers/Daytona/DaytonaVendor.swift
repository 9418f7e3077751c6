import Configuration
import SystemIO

extension Vendor {
  static let daytona = Vendor(
    VendorFacts(
      "daytona", title: "Daytona",
      keys: [
        .init(
          "DAYTONA_API_KEY",
          about: "The key for Daytona. `DAYTONA_API_URL` names another address, "
            + "`DAYTONA_ORGANIZATION_ID` the organization.")
      ],
      baseURL: "https://app.daytona.io/api", baseURLVariables: ["DAYTONA_API_URL"],
      options: [
        VendorOption(
          "organization", VendorOption.word("an organization"),
          variable: "DAYTONA_ORGANIZATION_ID", isPartOfTarget: true,
          about: "The organization that requests name."),
        VendorOption(
          "ttl", .number(60...86_400, usual: 3600), about: "Seconds that a login is asked for"),
      ]),
    provider: { (access, id) throws(Failure) in
      Daytona(
        api: api(access), sandbox: id, ttl: try access.settings.number("ttl"),
        announce: access.announce)
    }, keyCheck: { account(api($0)) }, list: { account(api($0)) })

  private static func api(_ access: VendorAccess) -> ProviderAPI {
    let organization = access.settings.text("organization")
    return access.api(headers: organization.map { [("X-Daytona-Organization-ID", $0)] } ?? [])
  }

  private static func account(_ api: ProviderAPI) -> ListedAccount {
    let pages = CursorPages(path: ["sandbox"], cursorName: "nextCursor") {
      (item) throws(Failure) in
      Machine(
        id: try item.text("id"), name: try item.textIfAny("name"),
        state: try item.textIfAny("state"), created: try item.textIfAny("createdAt"))
    }
    return ListedAccount(
      pages: pages, api: api, hints: Daytona.hints, step: "list the sandboxes")
  }
}
