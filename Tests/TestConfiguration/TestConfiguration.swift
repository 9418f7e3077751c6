public import Configuration
public import Providers
import SystemIO
public import TestSupport

/// The configuration of a test that has no programs: the directory is the home.
extension TemporaryDirectory {
  public func locations(_ environment: [String: String] = [:]) throws -> FileLocations {
    try FileLocations(home: path, environment: environment)
  }

  /// Reads it.
  /// - Parameters:
  ///   - toml: what `config.toml` is to be; `nil` for what it is.
  ///   - vendors: the program's own, by which users write that file.
  public func configuration(
    _ toml: String? = nil, mode: Int = 0o600, environment: [String: String] = [:],
    vendors: [VendorFacts] = Vendors.facts
  ) throws -> Configuration {
    if let toml { try write(toml, to: ".config/sshproxy/config.toml", mode: mode) }
    return try Configuration.load(locations(), environment: environment, vendors: vendors)
  }
}

/// Vendors of the program.
extension ProviderKind {
  public static var prime: Self { vendor("prime") }
  public static var dedalus: Self { vendor("dedalus") }
  public static var tensorpool: Self { vendor("tensorpool") }

  private static func vendor(_ name: String) -> Self {
    guard let row = Vendors.facts.first(where: { $0.name == name }) else {
      preconditionFailure("there is no row of \(name)")
    }
    return row.kind
  }
}
