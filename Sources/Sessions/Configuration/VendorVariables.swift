/// The environment variables and default base URLs of the vendors' own clients.
public enum VendorVariables {
  /// Every variable that holds an API key: no child process needs to see them.
  public static let secrets = ProviderKind.vendors.flatMap { keys(of: $0).map(\.0) }

  static func keys(of provider: ProviderKind) -> [(String, APIKey.Header)] {
    switch provider {
    case .prime: [("PRIME_API_KEY", .bearer)]
    case .dedalus: [("DEDALUS_API_KEY", .bearer), ("DEDALUS_X_API_KEY", .xAPIKey)]
    case .tensorpool: [("TENSORPOOL_KEY", .bearer)]
    case .static, .command: []
    }
  }

  static func baseURLs(of provider: ProviderKind) -> [String] {
    switch provider {
    case .prime: ["PRIME_API_BASE_URL", "PRIME_BASE_URL"]
    case .dedalus: ["DEDALUS_BASE_URL"]
    case .tensorpool: ["TENSORPOOL_ENGINE"]
    case .static, .command: []
    }
  }

  static func defaultBaseURL(of provider: ProviderKind) -> String {
    switch provider {
    case .prime: "https://api.primeintellect.ai"
    case .dedalus: "https://dcs.dedaluslabs.ai"
    case .tensorpool: "https://engine.tensorpool.dev"
    case .static, .command: ""
    }
  }
}
