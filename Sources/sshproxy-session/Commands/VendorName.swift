import ArgumentParser
import Providers
import Sessions

/// A vendor, as a word of the command line.
struct VendorName: ExpressibleByArgument {
  let vendor: Vendor

  init?(argument: String) {
    guard let found = Installed.vendors.first(where: { $0.facts.name == argument }) else {
      return nil
    }
    vendor = found
  }

  static var allValueStrings: [String] { Installed.facts.map(\.name) }

  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

  var defaultValueDescription: String { vendor.facts.name }

  var kind: ProviderKind { vendor.facts.kind }
}

extension [String] {
  /// `a, b or c`, for a sentence.
  func joined(last word: String) -> String {
    guard count > 1, let last else { return first ?? "" }
    return "\(dropLast().joined(separator: ", ")) \(word) \(last)"
  }
}
