/// Who turns a target into a session: a vendor, a fixed endpoint, or a program of the user's own.
public struct ProviderKind: Sendable, Hashable {
  /// The word for it in files, JSON and on the command line.
  public let rawValue: String
  /// For people.
  public let title: String
  /// Whether it has an API of its own, and so a suffix, a key and a base URL.
  public let isVendor: Bool

  /// A vendor.
  /// - Parameter title: the name as its owners write it.
  public init(vendor name: String, title: String) {
    self.init(name, title, isVendor: true)
  }

  private init(_ rawValue: String, _ title: String, isVendor: Bool) {
    self.rawValue = rawValue
    self.title = title
    self.isVendor = isVendor
  }

  /// A fixed host and port.
  public static let `static` = ProviderKind("static", "a fixed host", isVendor: false)
  /// A program of the user's own.
  public static let command = ProviderKind("command", "a command", isVendor: false)

  /// All that there are with these vendors.
  static func all(with vendors: [VendorFacts]) -> [ProviderKind] {
    vendors.map(\.kind) + [.static, .command]
  }

  public static func == (one: Self, other: Self) -> Bool { one.rawValue == other.rawValue }

  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}
