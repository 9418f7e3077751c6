public import SystemIO

/// Asks a provider whether an API key is good.
public protocol KeyChecking {
  /// - Throws: `.denied` when the key is refused, and what every call to the provider throws.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict
}

/// A provider's answer about a key that it accepts.
public struct KeyVerdict: Sendable, Equatable {
  /// Whose key it is, if the provider tells; safe to be shown.
  public let owner: String?
  /// The provider's clock in Unix seconds, if the answer has a `Date`.
  public let time: Int64?

  /// - Parameters:
  ///   - owner: safe to be shown.
  ///   - time: Unix seconds.
  public init(owner: String?, time: Int64?) {
    self.owner = owner
    self.time = time
  }
}

/// How a vendor lists its machines: page after page.
protocol MachinePages {
  /// The call for a page of the list.
  /// - Parameter token: what the page before named; `nil` for the first.
  func list(after token: String?) -> APICall
  /// The call that shows whether a key is good: not every vendor has one just for that.
  var keyCheck: APICall { get }
  /// Whether a page may be empty where another one follows.
  var mayBeEmpty: Bool { get }
  /// The machines of a page, and what the next one is asked by; `nil` after the last.
  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?)
}

extension MachinePages {
  var keyCheck: APICall { list(after: nil) }
  var mayBeEmpty: Bool { false }
}

/// The user's account at a vendor that lists its machines.
struct ListedAccount: KeyChecking, MachineListing {
  let pages: any MachinePages
  let api: ProviderAPI
  let hints: ProviderHints
  var step = "list the machines"

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try ask(pages.keyCheck, step, until: deadline)
    _ = try pages.page(response, step: step)
    return KeyVerdict(owner: nil, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    try MachineList.read(step, mayBeEmpty: pages.mayBeEmpty) { (token) throws(Failure) in
      let response = try ask(pages.list(after: token), step, until: deadline)
      let page = try pages.page(response, step: step)
      return (response, page.machines, page.next)
    }
  }

  private func ask(
    _ call: APICall, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    try api.ask(call.path, query: call.query, step: step, hints: hints, until: deadline)
  }
}

/// A list of `items` whose answers name the next page by a cursor.
struct CursorPages: MachinePages {
  let path: [String]
  /// The member of an answer that has the cursor.
  let cursorName: String
  /// Reads one of the items.
  let machine: (Answer) throws(Failure) -> Machine

  var keyCheck: APICall { APICall(path, query: "limit=1") }
  var mayBeEmpty: Bool { true }

  func list(after token: String?) -> APICall {
    APICall(path, query: "limit=100" + (token.map { "&cursor=" + $0.percentEncoded } ?? ""))
  }

  func page(
    _ response: HTTPResponse, step: String
  ) throws(Failure) -> (machines: [Machine], next: String?) {
    let answer = try Answer(response.json, step: step)
    let machines = try answer.objects("items").map { (item) throws(Failure) in try machine(item) }
    return (machines, try answer.cursor(cursorName))
  }
}
