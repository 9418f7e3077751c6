public import Configuration
public import Sessions
public import SystemIO

/// A vendor: all there is to know of it, and how its provider and its account are made.
public struct Vendor: Sendable {
  /// Makes the provider of the machine with that id.
  public typealias ProviderMaker =
    @Sendable (_ access: VendorAccess, _ id: String) throws(Failure) -> any SessionProvider
  /// Makes what lists the machines of an account.
  public typealias ListMaker =
    @Sendable (VendorAccess) throws(Failure) -> any MachineListing

  /// What the configuration has to know of it.
  public let facts: VendorFacts
  let provider: ProviderMaker
  let keyCheck: @Sendable (VendorAccess) -> any KeyChecking
  let list: ListMaker?
  private let reason: String

  /// - Parameters:
  ///   - provider: makes the provider of one machine.
  ///   - keyCheck: makes what asks whether a key is good.
  ///   - list: makes what lists the machines; `nil` where the vendor has no list for programs.
  ///   - withoutList: says so, and where the user finds one.
  public init(
    _ facts: VendorFacts, provider: @escaping ProviderMaker,
    keyCheck: @escaping @Sendable (VendorAccess) -> any KeyChecking,
    list: ListMaker? = nil, withoutList: String = ""
  ) {
    self.facts = facts
    self.provider = provider
    self.keyCheck = keyCheck
    self.list = list
    reason = withoutList
  }

  /// Why there is no list; `nil` where there is one.
  public var withoutList: String? {
    guard list == nil else { return nil }
    return reason.isEmpty ? "\(facts.kind.title) has no list" : reason
  }
}

extension Configuration {
  /// The vendors that the program knows, and the clouds that this configuration describes.
  public func vendors(besides builtIn: [Vendor]) -> [Vendor] {
    builtIn + vendors.compactMap { facts in facts.description.map { .described(facts, $0) } }
  }
}

/// What a vendor's provider or account is made of: the API with the user's key, and what they have said.
public struct VendorAccess {
  /// What the user has said of it, in its own terms.
  public let settings: VendorSettings
  /// Where more of it may stand: variables and files of its own client.
  public let sources: VendorSources
  /// Is told what a wait is for (`waking dm-abc`), for the live line.
  public let announce: (String) -> Void
  /// The vendor whose key it is, as `login` calls it.
  let loginName: String
  let client: HTTPClient
  let key: APIKey
  let keyVariables: [String]

  /// - Parameter headers: of each request besides the key's.
  package func api(headers: [(name: String, value: String)] = []) -> ProviderAPI {
    ProviderAPI(
      client: client, base: settings.baseURL, key: key, headers: headers,
      keyVariables: keyVariables)
  }
}
