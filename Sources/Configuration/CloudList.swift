internal import SystemIO

/// How a described cloud lists the machines that a key has access to: one call, whose answer has them all.
public struct CloudList: Sendable, Equatable {
  /// The segments of the URL's path below the cloud's base URL.
  public let path: [String]
  /// What follows the `?`; empty for nothing.
  public let query: String
  /// Where the array of the machines stands in the answer; `nil` where the answer is that array.
  public let items: JSONPointer?
  /// The places in each of them; `nil` for what the cloud does not say.
  public let id: JSONPointer
  public let name: JSONPointer?
  public let state: JSONPointer?
  public let gpu: JSONPointer?

  static let keys = [
    "list", "list_items", "list_id", "list_name", "list_state", "list_gpu",
  ]

  /// Reads the keys of a cloud's table; `nil` where it has none of them.
  /// - Parameter base: the base URL of the call for one machine: the key is for that server.
  /// - Throws: `.configuration`, naming the line.
  init?(_ section: TOMLSection, at base: String) throws(Failure) {
    guard let first = Self.keys.first(where: section.has) else { return nil }
    guard section.has("list") else {
      throw section.failure(
        first, "\"\(first)\"\(section.place) has no effect without \"list\", the URL of the list")
    }
    let (own, path, query) = try CloudDescription.url(section, "list", idCount: 0)
    guard own == base else {
      throw section.failure(
        "list",
        "\"list\"\(section.place) is at another server than \"url\", and the key is for that")
    }
    (self.path, self.query) = (path, query)
    func place(_ key: String) throws(Failure) -> JSONPointer? {
      section.has(key) ? try CloudDescription.pointer(key, section) : nil
    }
    items = try place("list_items")
    guard let id = try place("list_id") else {
      throw section.failure(
        "list", "\"list_id\" is missing\(section.place): the place of a machine's id in an item")
    }
    self.id = id
    name = try place("list_name")
    state = try place("list_state")
    gpu = try place("list_gpu")
  }
}
