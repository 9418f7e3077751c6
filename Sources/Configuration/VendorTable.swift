internal import SystemIO

/// The table of one vendor in `config.toml`.
struct VendorTable: Sendable {
  var suffix: String
  var apiKey: APIKey?
  var apiKeyCommand: String?
  var baseURL: String?
  /// The vendor's own keys.
  var options: [String: VendorOption.Value] = [:]
  var route = Target.Route.direct
  var through = ThroughSetting.Choice.inherited
  /// Whether its answers may lead to this computer and its own link.
  var allowsLocal = false

  init(_ vendor: VendorFacts) { suffix = vendor.suffix }

  init(_ vendor: VendorFacts, _ section: TOMLSection) throws(Failure) {
    self.init(vendor)
    try section.allowOnly(Self.keys(of: vendor))
    apiKeyCommand = try section.string("api_key_command")
    if let key = try section.string("api_key") {
      apiKey = try Self.key(key, vendor.keyHeader, in: section)
    }
    if let url = try section.string("base_url") {
      baseURL = try section.parsed("base_url") { () throws(Failure) in
        try BaseURL.checked(url, origin: "\"base_url\"\(section.place)")
      }
    }
    if let name = try section.string("suffix") {
      if let rule = Alias.broken(by: name) {
        throw section.failure("suffix", "\"suffix\"\(section.place) cannot be used: \(rule)")
      }
      suffix = name.lowercased()
    }
    for option in vendor.options {
      options[option.name] = try option.read(section)
    }
    route = try Target.Route(section) ?? route
    through = try ThroughSetting.Choice(section)
    allowsLocal = try section.flag("allow_local") ?? allowsLocal
  }

  private static func keys(of vendor: VendorFacts) -> [String] {
    guard vendor.description == nil else { return describedKeys }
    return (vendor.account == nil ? ["api_key", "api_key_command", "base_url"] : []) + ["suffix"]
      + vendor.options.map(\.name) + commonKeys
  }

  /// Of a cloud that the file describes.
  static let describedKeys =
    ["api_key", "api_key_command", "suffix"] + CloudDescription.keys + commonKeys

  private static let commonKeys = ["route", "jump_target", "through", "allow_local"]

  private static func key(
    _ text: String, _ header: APIKey.Header, in section: TOMLSection
  ) throws(Failure) -> APIKey {
    try section.requirePrivacy("api_key", for: "an API key")
    guard !section.has("api_key_command") else {
      throw section.failure(
        "api_key_command", "both \"api_key\" and \"api_key_command\" stand\(section.place)",
        hint: "keep one of them")
    }
    return try APIKey(text, header, in: section)
  }
}
