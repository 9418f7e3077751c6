internal import CCurl
import SessionRecord
public import Sessions
public import SystemIO

/// The only HTTP client of this project, on libcurl. Connections are reused for later calls.
///
/// TLS is always verified, no redirect is followed, an answer is at most 1 MiB, and a call ends
/// within a fraction of a second when the caller is gone.
public final class HTTPClient {
  /// The largest answer that is accepted, in bytes.
  static let sizeLimit = 1 << 20
  /// The most that the headers of an answer may take, in bytes.
  static let headerLimit = 64 << 10
  static let name = "sshproxy/\(version)"
  /// How often the caller is checked during a call, in milliseconds.
  private static let slice: Int32 = 100

  /// Called at the end of each call, with its step and how long it took, all tries included, in
  /// milliseconds.
  var onCall: ((_ step: String, _ milliseconds: Int) -> Void)?
  /// Called once, when libcurl is loaded and nothing has been sent yet.
  var beforeFirstRequest: (() -> Void)?
  private let caller: HangUpMonitor
  private let environment: [String: String]
  /// What is struck out of every answer; the keys and tokens of each request are added to it.
  let secrets: Secrets
  /// libcurl's handle of all transfers, from the first request on.
  private var multi: UnsafeMutableRawPointer?

  /// - Parameter environment: of it, `SSL_CERT_FILE`, `SSL_CERT_DIR` and `CURL_CA_BUNDLE` are used,
  ///   which libcurl itself ignores.
  public init(
    caller: HangUpMonitor, environment: [String: String], secrets: Secrets = Secrets()
  ) {
    self.secrets = secrets
    self.caller = caller
    self.environment = environment
  }

  deinit {
    if let multi { ccurl_multi_cleanup(multi) }
  }

  /// Sends one request and receives its answer, without retries.
  /// - Parameter limit: the end of the wait for the answer.
  func send(_ request: HTTPRequest, until limit: Moment) throws(TransportFailure) -> HTTPResponse {
    for secret in request.secrets { secrets.add(secret) }
    let multi = try loadedMulti()
    guard let easy = EasyHandle(request, environment: environment) else { throw Self.unusable }
    easy.setTimeout(milliseconds: max(1, limit.remaining))
    if let problem = easy.problem {
      throw .final(Failure(.internalError, problem, hint: Self.hint))
    }
    try Self.check(ccurl_multi_add_handle(multi, easy.handle))
    defer { ccurl_multi_remove_handle(multi, easy.handle) }
    var running: Int32 = 1
    while running > 0 {
      try Self.check(ccurl_multi_perform(multi, &running))
      guard running > 0 else { break }
      try Self.check(ccurl_multi_poll(multi, Self.slice))
      try watchCaller()
    }
    let result = ccurl_multi_finished(multi)
    guard result == Int32(CURLE_OK.rawValue) else {
      throw easy.failure(CURLcode(rawValue: UInt32(max(0, result))), request)
    }
    guard easy.isComplete else { throw .broken("the connection ended before the answer") }
    return easy.response(without: secrets)
  }

  /// Waits until `moment`.
  /// - Throws: `.cancelled` when the caller is gone.
  func pause(until moment: Moment) throws(Failure) {
    try caller.sleep(until: moment)
  }

  private func loadedMulti() throws(TransportFailure) -> UnsafeMutableRawPointer {
    if let multi { return multi }
    do throws(Failure) { try Self.loadLibrary() } catch { throw .final(error) }
    guard ccurl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK,
      let multi = ccurl_multi_init()
    else { throw Self.unusable }
    self.multi = multi
    secrets.gather()
    beforeFirstRequest.take()?()
    return multi
  }

  private static let hint = "install libcurl 7.81 or later"

  private static var unusable: TransportFailure {
    .final(Failure(.internalError, "libcurl cannot be used", hint: hint))
  }

  private static func check(_ code: CURLMcode) throws(TransportFailure) {
    guard code == CURLM_OK else { throw unusable }
  }

  private func watchCaller() throws(TransportFailure) {
    var none: [pollfd] = []
    do {
      _ = try caller.wait(for: &none, until: Moment.now)
    } catch {
      throw .final(error)
    }
  }
}
