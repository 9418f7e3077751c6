public import Configuration

/// The vendors that the program knows: the one list of them.
public enum Vendors {
  /// In the order of help, lists and completion.
  public static let all: [Vendor] = [
    .prime,
    .dedalus,
    .tensorpool,
    .primePod,
    .runpod,
    .vast,
    .lambda,
    .shadeform,
    .daytona,
  ]

  /// What the configuration has to know of them.
  public static let facts: [VendorFacts] = all.map(\.facts)
}
