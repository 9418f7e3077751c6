internal import CCurl
import Configuration
import SystemIO

/// The one owner of a libcurl transfer, and of the memory that libcurl uses during it.
final class EasyHandle {
  /// The answer as the callbacks collect it.
  private final class Received {
    var body: [UInt8] = []
    var isTooLarge = false
    /// Whether it is packed for the transfer, which nobody has asked for. libcurl unpacks it all the same, up to five
    /// layers, within one call: a few bytes that hold nothing, packed often enough, keep it busy for hours.
    var isPacked = false
    /// Of all header lines together in bytes, interim responses and trailers included.
    var headerSize = 0
    /// Whether the blank line after the headers has come. libcurl reports no error when the
    /// connection ends before it.
    var hasWholeHead = false
    var date: Int64?
    /// Milliseconds.
    var retryAfter: Int?

    func take(header line: String) {
      if line == "\r\n" || line == "\n" { hasWholeHead = true }
      // What came before was an interim answer's, or a proxy's.
      if line.hasPrefix("HTTP/") { (hasWholeHead, date, retryAfter) = (false, nil, nil) }
      if Self.isPacking(line.lowercased()[...].utf8) { isPacked = true }
      guard let colon = line.firstIndex(of: ":") else { return }
      let value = line[line.index(after: colon)...].drop { $0 == " " }.prefix { $0 > " " }
      switch line[..<colon].lowercased() {
      case "date": date = Self.time(line[line.index(after: colon)...])
      case "retry-after":
        let seconds =
          Int(value)
          ?? Self.time(line[line.index(after: colon)...]).map { Int($0 - WallClock.seconds) }
        retryAfter = seconds.map {
          min(max(Int.milliseconds(seconds: $0), Answer.waits.lowerBound), Answer.waits.upperBound)
        }
      default: break
      }
    }

    /// - Parameter line: in lower case; in bytes, as libcurl reads it.
    private static func isPacking(_ line: Substring.UTF8View) -> Bool {
      let name = "transfer-encoding:".utf8
      guard line.starts(with: name) else { return false }
      let codings = line.dropFirst(name.count).split { $0 <= 0x20 || $0 == UInt8(ascii: ",") }
      return !codings.allSatisfy { ["chunked", "identity"].contains(Substring($0)) }
    }

    /// An HTTP date in Unix seconds.
    private static func time(_ text: Substring) -> Int64? {
      let time = ccurl_getdate(String(text))
      return time > 0 ? Int64(time) : nil
    }
  }

  let handle: UnsafeMutableRawPointer
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let received = Received()
  private var body: [UInt8]
  private var errorText: UnsafeMutablePointer<CChar>

  /// - Parameter sockets: is told of the connections' sockets.
  init?(_ request: HTTPRequest, environment: [String: String], _ sockets: OpaquePointer) {
    guard let handle = ccurl_easy_init() else { return nil }
    self.handle = handle
    body = request.body ?? []
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    setUp(request)
    setTrust(request, environment)
    setCallbacks()
    check(ccurl_set_sockets(handle, sockets), CURLOPT_SOCKOPTFUNCTION)
  }

  deinit {
    if isAbandoned { return }
    ccurl_slist_free_all(headers)
    ccurl_easy_cleanup(handle)
    errorText.deallocate()
  }

  /// Whether its memory is left to the thread that looks its name up.
  private var isAbandoned = false

  /// Leaves the transfer as it is, for good: libcurl would wait for the lookup's thread before it frees anything.
  func abandon() { isAbandoned = true }

  /// Why the transfer cannot be carried out: an option that this libcurl does not take. It must not be
  /// left out in silence, for most of them are there for safety.
  private(set) var problem: String?

  private func set(_ option: CURLoption, _ value: Int) {
    check(ccurl_set_long(handle, option, value), option)
  }

  private func set(_ option: CURLoption, _ value: String) {
    check(ccurl_set_string(handle, option, value), option)
  }

  private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
    check(ccurl_set_pointer(handle, option, value), option)
  }

  private func set(_ option: CURLoption, _ value: ccurl_write) {
    check(ccurl_set_write(handle, option, value), option)
  }

  private func check(_ code: CURLcode, _ option: CURLoption) {
    guard code != CURLE_OK else { return }
    problem = problem ?? "libcurl does not take option \(option.rawValue) (error \(code.rawValue))"
  }

  /// Both times include the lookup of the name, which may take all the time there is, because one that is given
  /// up starts anew. `Progress` bounds what follows.
  func setTimeout(milliseconds: Int) {
    set(CURLOPT_TIMEOUT_MS, milliseconds)
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
  }

  /// Whether the name has been looked up: that of the proxy, where there is one.
  var isResolved: Bool {
    time(CURLINFO_NAMELOOKUP_TIME_T) > 0 || time(CURLINFO_CONNECT_TIME_T) > 0 || isConnected
  }

  /// Whether there is a connection, TLS included. Before that, nothing can have been sent.
  var isConnected: Bool { time(CURLINFO_PRETRANSFER_TIME_T) > 0 }

  /// In microseconds; 0 for what has not happened yet.
  private func time(_ information: CURLINFO) -> curl_off_t {
    var time: curl_off_t = 0
    ccurl_get_offset(handle, information, &time)
    return time
  }

  /// The name that could not be resolved; `nil` where it is not known.
  func unresolved(
    _ code: CURLcode, _ request: HTTPRequest, _ environment: [String: String]
  ) -> String? {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return BaseURL.host(of: request.base)
    case CURLE_COULDNT_RESOLVE_PROXY: return Self.proxyHost(environment)
    default: return nil
    }
  }

  /// The host of the proxy that libcurl takes from the environment for `https`, where it has a name to look up.
  static func proxyHost(_ environment: [String: String]) -> String? {
    let texts = Through.proxyVariables.lazy.compactMap { environment.nonEmpty($0) }
    let parts = texts.first.flatMap { UserHostPort(url: $0) }
    let host = String(parts?.host ?? "")
    return Grammar.isHost(host) && !host.contains(":") ? host : nil
  }

  private func setUp(_ request: HTTPRequest) {
    set(CURLOPT_URL, request.url)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_NOPROGRESS, 1)
    set(CURLOPT_ERRORBUFFER, errorText)
    // Otherwise libcurl would resolve `..` in a path.
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    if request.body != nil {
      // libcurl takes a copy of it.
      body.withUnsafeMutableBytes { bytes in
        set(CURLOPT_POSTFIELDSIZE, bytes.count)
        set(CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
      }
      addHeader("Content-Type: application/json")
    }
    addHeader("Accept: application/json")
    addHeader("User-Agent: \(HTTPClient.name)")
    for (name, value) in request.headers { addHeader("\(name): \(value)") }
    set(CURLOPT_HTTPHEADER, headers)
  }

  private func setTrust(_ request: HTTPRequest, _ environment: [String: String]) {
    let isPlain = request.url.hasPrefix("http://")
    check(ccurl_set_protocol(handle, isPlain), CURLOPT_PROTOCOLS_STR)
    // Plain http goes only to loopback, which needs no proxy.
    if isPlain { set(CURLOPT_NOPROXY, "*") }
    // Of SOCKS, a user's name and password or none (CURLAUTH_BASIC): libcurl would offer GSS-API, too, and ask for
    // a ticket within one call, however long that takes.
    set(CURLOPT_SOCKS5_AUTH, 1)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    if let file = TrustStore.file(environment, builtIn: ccurl_default_bundle(handle)) {
      set(CURLOPT_CAINFO, file)
    }
    if let directory = TrustStore.directory(environment) { set(CURLOPT_CAPATH, directory) }
  }

  private func setCallbacks() {
    // C takes no object. This one lives as long as `self`, whose end is the transfer's (`deinit`), and the
    // callbacks are called by libcurl alone, in the thread that calls it.
    let context = Unmanaged.passUnretained(received).toOpaque()
    set(CURLOPT_WRITEDATA, context)
    set(CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      let received = Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
      guard received.body.count + count <= HTTPClient.sizeLimit else {
        received.isTooLarge = true
        return 0
      }
      received.body += UnsafeRawBufferPointer(start: bytes, count: count)
      return count
    }
    set(CURLOPT_HEADERDATA, context)
    set(CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      let received = Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
      // libcurl bounds a line, but neither the number of trailers nor that of interim responses.
      received.headerSize += count
      guard received.headerSize <= HTTPClient.headerLimit else { return 0 }
      let line = String(
        decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      received.take(header: line)
      return received.isPacked ? 0 : count
    }
  }

  private func addHeader(_ line: String) {
    guard let longer = ccurl_slist_append(headers, line) else {
      problem = problem ?? "libcurl does not take a header"
      return
    }
    headers = longer
  }

  func response(without secrets: Secrets) -> HTTPResponse {
    var status = 0
    ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return HTTPResponse(
      status: status, body: received.body, retryAfter: received.retryAfter, date: received.date,
      without: secrets)
  }

  /// Whether the headers have come completely.
  var isComplete: Bool { received.hasWholeHead }

  /// libcurl quotes a proxy's address that it cannot read, with the user name and password in it.
  private static func withoutPassword(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let quote = scalars.firstIndex(of: "'"), let at = scalars.lastIndex(of: "@"), quote < at
    else { return text }
    return text[...quote] + "…" + text[at...]
  }

  /// CURLE_TOO_LARGE, which older headers lack.
  private static let tooLarge = CURLcode(rawValue: 100)

  /// The meaning of a result other than CURLE_OK.
  func failure(_ code: CURLcode, _ request: HTTPRequest) -> Failure {
    let own = Self.withoutPassword(String(cString: errorText))
    let words = own.isEmpty ? String(cString: ccurl_easy_strerror(code)) : own
    let text = Failure.inSentence(words.sanitized(limit: 160))
    if received.isTooLarge {
      return Failure(.invalidResponse, "the answer is larger than 1 MiB")
    }
    if received.isPacked {
      return Failure(
        .invalidResponse, "the answer is packed (Transfer-Encoding), which nobody has asked for")
    }
    if received.headerSize > HTTPClient.headerLimit {
      return Failure(.invalidResponse, "the headers of the answer are larger than 64 KiB")
    }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
      return .notConnected(text)
    case CURLE_SSL_CACERT_BADFILE:
      return TrustStore.unreadable(text)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM:
      return Failure(
        .unreachable, "the server's TLS certificate does not verify (\(text))",
        hint: "somebody may be in between; a private authority goes into SSL_CERT_FILE")
    case CURLE_SSL_CONNECT_ERROR where TLSError(in: own)?.mayPass == false:
      let reason = own.split(separator: ":").last.map { String($0).sanitized(limit: 100) } ?? text
      return Failure(
        .unreachable, "the server and we have no TLS in common (\(reason))",
        hint: "check base_url and HTTPS_PROXY: the server there speaks no TLS, or other versions")
    case CURLE_SSL_CONNECT_ERROR:
      return .notConnected(text)
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
      CURLE_HTTP2:
      return Failure(.invalidResponse, "the answer is no HTTP (\(text))")
    // Memory is what libcurl before 8.6 says it lacks for a header of over 100 KiB.
    case CURLE_OUT_OF_MEMORY, Self.tooLarge:
      return Failure(.invalidResponse, "a header of the answer is too long")
    // One number for a connection that broke and for an answer that cannot be read: libcurl's words alone tell
    // them apart. Where they change, such an answer is asked for again, like one that broke.
    case CURLE_RECV_ERROR where text.contains("chunk") || text.contains("response headers"):
      return Failure(.invalidResponse, "the answer is no HTTP (\(text))")
    case CURLE_URL_MALFORMAT:
      return Failure(.configuration, "the address is malformed (\(text))")
    case CURLE_OPERATION_TIMEDOUT:
      return isConnected ? .connectionLost(text) : .notConnected(text)
    default:
      // A proxy that refuses says so before anything is sent.
      return isConnected ? .connectionLost(text) : proxyRefusal(text) ?? .notConnected(text)
    }
  }

  /// The failure where a proxy has refused CONNECT for good; `nil` for an answer after which another try may
  /// help.
  private func proxyRefusal(_ text: String) -> Failure? {
    var status = 0
    ccurl_get_long(handle, CURLINFO_HTTP_CONNECTCODE, &status)
    guard 400...499 ~= status, ![408, 425, 429].contains(status) else { return nil }
    return Failure(
      .unreachable, "the proxy refuses (\(text))",
      hint: "check HTTPS_PROXY, and that the proxy lets this computer reach the API")
  }
}
