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
protocol InstanceListing: InstanceCloud {
  /// The call for a page of the list.
  /// - Parameter token: what the page before named; `nil` for the first.
  func list(after token: String?) -> APICall
  /// The machines of a page, and what the next one is asked by; `nil` after the last.
  func page(
    _ answer: Answer, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?)
}

/// What is asked below the base URL.
struct APICall {
  let path: [String]
  /// Already encoded.
  var query = ""

  init(_ path: String..., query: String = "") {
    self.init(path, query: query)
  }

  init(_ path: [String], query: String = "") {
    self.path = path
    self.query = query
  }
}

/// A cloud's words for what a machine does.
struct InstanceStates: Sendable {
  let ready: Set<String>
  /// It passes by itself.
  let waiting: Set<String>
  /// It does not.
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
