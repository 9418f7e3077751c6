import Configuration
import Grammar
import OpenSSH
import Sessions
import SystemIO

/// A cloud that is asked for a machine by its id and answers where its ssh is. The user's own key logs in,
/// and nobody vouches for the host's.
protocol InstanceCloud: Sendable {
  var states: InstanceStates { get }
  /// The call that asks for one machine.
  func call(for id: String) -> APICall
  /// Reads its answer.
  /// - Throws: `.invalidResponse` when it cannot be believed, `.rejected` for a machine to which nobody will
  ///   ever log in as it is, `.notFound`.
  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance
}

/// A cloud that lists its machines, too.
typealias InstanceListing = InstanceCloud & MachinePages

/// A cloud's words for what a machine does.
struct InstanceStates: Sendable {
  /// In these a machine takes logins.
  let ready: Set<String>
  /// These pass by themselves, so they are waited for.
  let waiting: Set<String>
  /// These last until somebody does something about it.
  let gone: Set<String>
}

/// What a cloud says of a machine.
struct Instance {
  /// Where to log in; checked when it is used.
  struct Place {
    let host: String
    let port: Int
    var login: String?
    /// On this computer.
    var identityFile: String?
    var jump: [JumpHost]?
    var options: [Setting] = []
  }

  /// `nil` where the cloud does not say whose answer it is.
  let id: String?
  /// `nil` for one that has none yet.
  let state: String?
  /// How far it is, for the live line: `40 %`.
  var progress: String?
  /// `nil` where it has none yet.
  let place: Place?
}

extension Vendor {
  /// A cloud that needs no more than its calls.
  /// - Parameter facts: without options that the calls depend on.
  init(_ facts: VendorFacts, cloud: any InstanceListing) {
    self.init(
      facts, provider: { InstanceProvider($0, cloud, $1) },
      keyCheck: { ListedAccount($0, cloud) }, list: { ListedAccount($0, cloud) })
  }
}

extension ListedAccount {
  init(_ access: VendorAccess, _ cloud: any InstanceListing) {
    self.init(pages: cloud, api: access.api(), hints: ProviderHints(access))
  }
}
