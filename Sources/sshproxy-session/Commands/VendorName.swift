import ArgumentParser
import Sessions

/// A provider with an API, as a word of the command line.
enum VendorName: String, ExpressibleByArgument, CaseIterable {
  case prime, dedalus, tensorpool

  var kind: ProviderKind {
    switch self {
    case .prime: .prime
    case .dedalus: .dedalus
    case .tensorpool: .tensorpool
    }
  }
}
