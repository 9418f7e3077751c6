import Sessions

extension Vendor {
  /// Daytona's sandboxes.
  static let daytona = Vendor(
    VendorFacts(
      "daytona", title: "Daytona",
      keys: [
        .init(
          "DAYTONA_API_KEY",
          about: "The key for Daytona. `DAYTONA_ORGANIZATION_ID` names the organization, "
            + "`DAYTONA_API_URL` another address.")
      ],
      baseURL: "https://app.daytona.io/api", baseURLVariables: ["DAYTONA_API_URL"],
      options: [
        VendorOption(
          "organization", VendorOption.word("an organization"),
          variable: "DAYTONA_ORGANIZATION_ID", isPartOfTarget: true,
          about: "The organization that requests name."),
        VendorOption(
          "ttl", .number(60...86_400, usual: 3600),
          about: "How long a session is asked for, in seconds, in whole minutes."),
      ]),
    provider: {
      Daytona(
        api: api($0), sandbox: $1, ttl: $0.settings.number("ttl") ?? 3600, announce: $0.announce)
    },
    keyCheck: { DaytonaAccount(api: api($0)) },
    list: { DaytonaAccount(api: api($0)) })

  private static func api(_ call: VendorCall) -> ProviderAPI {
    call.api(
      headers: call.settings.text("organization").map { [("X-Daytona-Organization-ID", $0)] } ?? [])
  }
}
