internal import CCurl
package import Configuration
import SessionRecord
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

  /// Called at the end of each call.
  var onCall: ((_ call: FinishedCall) -> Void)?
  /// Called when a name has been looked up, with the URL that it is from and how long it took, in
  /// milliseconds.
  var onLookup: ((_ base: String, _ milliseconds: Int) -> Void)?
  /// From when on a server that cannot be reached is not tried again, for commands that are to tell
  /// soon. The time that lookups take is added.
  var reach: Moment?
  /// What lookups have taken so far, in milliseconds.
  private(set) var lookupTime = 0
  /// Until when a lookup may go on, also past the end of its call: the call's end is then put off by the time that
  /// the lookup took. `nil` where a lookup ends with its call.
  var lookupDeadline: Moment?
  /// When the first lookup is given up as one that nobody answers.
  var lookupsEnd: Moment?
  /// How long one connection may take once its name is looked up, in milliseconds, TLS included.
  static let connectLimit = 10_000
  /// Called once, when libcurl is loaded and nothing has been sent yet.
  var beforeFirstRequest: (() -> Void)?
  private var caller: HangUpMonitor
  private let environment: [String: String]
  /// What is struck out of every answer; the keys and tokens of each request are added to it.
  let secrets: Secrets
  /// libcurl's handle of all transfers, from the first request on.
  private var multi: UnsafeMutableRawPointer?
  /// Its connections' sockets.
  private let sockets = ccurl_sockets_new()

  /// - Parameter environment: of it, `SSL_CERT_FILE`, `SSL_CERT_DIR` and `CURL_CA_BUNDLE` are used,
  ///   which libcurl itself ignores.
  package init(
    caller: HangUpMonitor, environment: [String: String], secrets: Secrets = Secrets()
  ) {
    self.secrets = secrets
    self.caller = caller
    self.environment = environment
  }

  deinit {
    if let multi, let sockets {
      ccurl_sockets_end_all(sockets)
      ccurl_multi_cleanup(multi)
    }
    ccurl_sockets_free(sockets)
  }

  /// Sends one request and receives its answer, without retries.
  /// - Parameters:
  ///   - limit: the end of all waits.
  ///   - answerTimeout: how long to wait for the answer once the name is looked up, in milliseconds.
  /// - Throws: `.unreachable` with the cause `.notConnected` or `.connectionLost` where another try may
  ///   help. All else is final: the certificate does not verify, the answer is too large or not HTTP, or
  ///   nobody waits any more.
  func send(
    _ request: HTTPRequest, until limit: Moment, answerTimeout: Int? = nil
  ) throws(Failure) -> HTTPResponse {
    for secret in request.secrets { secrets.add(secret) }
    let multi = try loadedMulti()
    guard let sockets, let easy = EasyHandle(request, environment: environment, sockets) else {
      throw Self.unusable
    }
    let last = max(limit, lookupDeadline ?? limit)
    easy.setTimeout(milliseconds: max(1, last.remaining).saturatingAdding(Self.timerDelay))
    var progress = Progress(self, limit: limit, lookupLimit: last, answerTimeout: answerTimeout)
    if let problem = easy.problem {
      throw Failure(.internalError, problem, hint: Self.hint)
    }
    try Self.check(ccurl_multi_add_handle(multi, easy.handle))
    var isOver = false
    defer {
      if !isOver { ccurl_sockets_end_all(sockets) }
      if isOver || easy.isResolved {
        ccurl_multi_remove_handle(multi, easy.handle)
      } else {
        easy.abandon()
        self.multi = nil
      }
    }
    let start = Moment.now
    let watch = try TransferWatch(sockets, caller)
    var running: Int32 = 1
    while running > 0 {
      var code = CURLM_OK
      let isEnded = watch.during(until: progress.end(of: easy) ?? last) {
        code = ccurl_multi_perform(multi, &running)
      }
      if isEnded {
        try caller.check()
        throw Progress.late(easy, Moment.now - start)
      }
      try Self.check(code)
      guard running > 0 else { break }
      try progress.look(at: easy, request)
      try Self.check(ccurl_multi_poll(multi, progress.slice))
      try caller.check()
    }
    isOver = true
    let result = ccurl_multi_finished(multi)
    guard result == Int32(CURLE_OK.rawValue) else {
      let code = CURLcode(rawValue: UInt32(max(0, result)))
      // Where it is too late to try again, another lookup would only delay the answer.
      if let name = easy.unresolved(code, request, environment),
        reach.map({ Moment.now < $0 }) ?? true
      {
        try checkExists(name, until: limit)
      }
      throw easy.failure(code, request)
    }
    guard easy.isComplete else { throw .connectionLost("the connection ended before the answer") }
    return easy.response(without: secrets)
  }

  /// A name has been looked up: what is bounded from then on is put off by the time that it took.
  func noteLookup(of base: String, milliseconds: Int) {
    lookupTime += milliseconds
    reach = reach.map { $0 + milliseconds }
    lookupsEnd = nil
    onLookup?(base, milliseconds)
  }

  /// libcurl does not tell a name that does not exist from one that nobody could be asked about.
  /// - Throws: `.unreachable` where the name is known not to exist.
  private func checkExists(_ name: String, until limit: Moment) throws(Failure) {
    guard try NameLookup.isUnknown(name, until: limit, caller: caller) else { return }
    throw Failure(
      .unreachable, "the name \(name.sanitized(limit: 100)) does not exist",
      hint: "check base_url, HTTPS_PROXY and this computer's DNS")
  }

  /// Waits until `moment`.
  /// - Throws: `.cancelled` when the caller is gone.
  func pause(until moment: Moment) throws(Failure) {
    try caller.sleep(until: moment)
  }

  /// The calls in `body` go on when nobody waits any more, until their time is over.
  func unwatched<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    let watched = caller
    caller = watched.unwatched
    defer { caller = watched }
    return try body()
  }

  func loadedMulti() throws(Failure) -> UnsafeMutableRawPointer {
    if let multi { return multi }
    try Self.loadLibrary()
    guard ccurl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK,
      let multi = ccurl_multi_init()
    else { throw Self.unusable }
    self.multi = multi
    secrets.gather()
    beforeFirstRequest.take()?()
    return multi
  }

  /// How much later libcurl's own timer ends a transfer than `Progress` does, in milliseconds: where it does while
  /// the name is looked up, libcurl waits for the lookup's thread, which nobody can end.
  private static let timerDelay = 5000

  private static let hint = "install libcurl 7.81 or later"

  private static var unusable: Failure {
    Failure(.internalError, "libcurl cannot be used", hint: hint)
  }

  private static func check(_ code: CURLMcode) throws(Failure) {
    guard code == CURLM_OK else { throw unusable }
  }
}

extension HTTPClient {
  /// Loads libcurl; only the first call does anything.
  /// - Throws: `.internalError` where there is none, or one without a function that is needed.
  static func loadLibrary() throws(Failure) {
    if let reason = ccurl_load() {
      throw Failure(
        .internalError,
        "libcurl cannot be loaded (\(String(cString: reason).sanitized(limit: 160)))",
        hint: "install libcurl; Debian's package is libcurl4")
    }
  }

  /// libcurl and what it uses for TLS, with their versions. Looks nothing up.
  /// - Throws: as `loadLibrary`.
  public static func libraryVersions() throws(Failure) -> String {
    try loadLibrary()
    let libcurl = ccurl_version().map { "libcurl/" + String(cString: $0) } ?? "libcurl"
    guard let tls = ccurl_tls_version() else { return libcurl.sanitized() }
    return "\(libcurl), \(String(cString: tls))".sanitized()
  }
}

/// A request to a provider's API.
package struct HTTPRequest {
  /// The methods that providers ask for (RFC 9110, section 9).
  package enum Method: String {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  var method: Method
  /// The base URL without a slash at its end, and the segments of the path below it.
  var base: String
  var path: [String]
  /// What follows the `?`, already encoded.
  var query = ""
  /// Names and values; the values may be secret.
  package var headers: [(name: String, value: String)] = []
  /// The header that has the key.
  var keyHeader = "Authorization"
  /// A token in the query. Like those in the headers it is struck out of answers and errors.
  var queryToken: String?
  /// A JSON text, or `nil` for no body.
  package var body: [UInt8]?

  /// The keys and tokens that it has.
  var secrets: [String] {
    // No key has a space; what is before one is the scheme.
    [queryToken].compactMap { $0 }
      + headers.filter { ["Authorization", keyHeader].contains($0.name) }
      .compactMap { $0.value.split(separator: " ").last.map(String.init) }
  }

  /// The whole URL. Each segment is percent-encoded (RFC 3986), so that an id cannot become a path.
  var url: String {
    let segments = path.map { "/" + $0.percentEncoded }.joined()
    return base + segments + (query.isEmpty ? "" : "?" + query)
  }
}

/// The answer to a request.
package struct HTTPResponse {
  /// The status code (RFC 9110, section 15).
  package let status: Int
  /// The body, parsed once, and free of our keys and tokens.
  package let json: Result<JSONValue, JSONValue.Problem>
  /// Of the body, in bytes.
  let size: Int
  /// `Retry-After` (RFC 9110, section 10.2.3) in milliseconds, if the server sent it.
  let retryAfter: Int?
  /// `Date` in Unix seconds, if the server sent it.
  package let date: Int64?
  /// The server's clock: read as the answer comes, for what is waited for afterwards is no difference of clocks.
  let clock: ProviderClock

  init(
    status: Int, body: [UInt8], retryAfter: Int? = nil, date: Int64? = nil,
    without secrets: Secrets? = nil
  ) {
    self.status = status
    size = body.count
    json = Result { () throws(JSONValue.Problem) in try JSONValue(body, without: secrets) }
    self.retryAfter = retryAfter
    self.date = date
    clock = ProviderClock(date: date)
  }
}
