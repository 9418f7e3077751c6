import Configuration

/// What the manual says of each vendor, for scripts/manual.
enum VendorText {
  static var json: JSONText {
    let listing = Set(Installed.listing.map(\.name))
    return .object([
      (
        "vendors",
        .list(
          Installed.facts.map { vendor in
            .object([
              ("name", .text(vendor.name)), ("title", .text(vendor.kind.title)),
              ("suffix", .text(vendor.suffix)),
              ("account", .optional(vendor.account)), ("base_url", .text(vendor.baseURL)),
              ("has_list", .flag(listing.contains(vendor.name))),
              (
                "environment",
                texts(
                  vendor.keys.map { ($0.name, $0.about) }.filter { !$0.1.isEmpty }
                    + vendor.variables.map { ($0.name, $0.about) })
              ),
              ("options", texts(vendor.options.map { ($0.name, $0.about) })),
              ("list", texts(vendor.scopeFields.map { ($0.name, $0.about) })),
            ])
          })
      )
    ])
  }

  private static func texts(_ entries: [(name: String, about: String)]) -> JSONText {
    .list(entries.map { .object([("name", .text($0.name)), ("about", .text($0.about))]) })
  }
}
