import Configuration
package import SystemIO

/// A provider's API with the user's key: what all requests to it have in common.
package struct ProviderAPI {
  let client: HTTPClient
  let base: String
  let key: APIKey
  /// Headers of each request besides the key's.
  var headers: [(name: String, value: String)] = []
  /// The environment variables that hold a key.
  var keyVariables: [String] = []

  /// A request with the key and the headers that all have.
  /// - Parameters:
  ///   - path: the segments below the base URL; they are percent-encoded.
  ///   - query: what follows the `?`, already encoded.
  package func request(_ method: HTTPRequest.Method, _ path: [String], query: String = "")
    -> HTTPRequest
  {
    let authorization =
      switch key.header {
      case .bearer: ("Authorization", "Bearer \(key.reveal())")
      case .named(let name): (name, key.reveal())
      case .scheme(let scheme, let name): (name, scheme + key.reveal())
      }
    return HTTPRequest(
      method: method, base: base, path: path, query: query, headers: [authorization] + headers,
      keyHeader: authorization.0)
  }

  /// With a parameter that is a secret: what is shown of the call's answers is without it.
  package func request(
    _ method: HTTPRequest.Method, _ path: [String], secret: (name: String, value: String)
  ) -> HTTPRequest {
    var request = request(
      method, path, query: "\(secret.name)=" + secret.value.percentEncoded)
    request.queryToken = secret.value
    return request
  }

  /// Makes a call, as `HTTPClient.call`; where the key is refused that a variable holds, the hint names that.
  package func call(
    _ request: HTTPRequest, _ repetition: Repetition, step: String, until deadline: Moment,
    explain: (HTTPResponse) -> Refusal
  ) throws(Failure) -> HTTPResponse {
    try client.call(request, repetition, step: step, until: deadline) { response in
      var refusal = explain(response)
      // A gateway's token is not the key.
      if refusal.failure.kind == .denied, keyVariables.contains(key.origin),
        request.secrets.contains(key.reveal())
      {
        let advice = "unset \(key.origin), whose key counts before a stored one"
        refusal.failure.hint = refusal.failure.hint.map { "\($0); \(advice)" } ?? advice
      }
      return refusal
    }
  }

  /// A GET about the account. If the provider does not know the call, the base URL is wrong; no machine
  /// is missing.
  package func ask(
    _ path: [String], query: String = "", step: String, hints: ProviderHints, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    try call(request(.get, path, query: query), .always, step: step, until: deadline) { response in
      var refusal = ErrorResponse(response).refusal(hints: hints)
      if refusal.failure.kind == .notFound {
        refusal.failure = Failure(
          .invalidResponse, "\(hints.provider) does not know this call (HTTP \(response.status))",
          hint: "check base_url")
      }
      return refusal
    }
  }

  /// A call that has the same effect when it is made again.
  func repeatable(
    _ request: HTTPRequest, _ step: String, _ hints: ProviderHints, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    try call(request, .always, step: step, until: deadline) {
      ErrorResponse($0).refusal(hints: hints)
    }
  }

  /// A call that changes a machine's state, unless that is changing already (409, RFC 9110, section
  /// 15.5.10).
  func nudge(
    _ request: HTTPRequest, _ step: String, _ hints: ProviderHints, until deadline: Moment
  ) throws(Failure) {
    var isChanging = false
    do throws(Failure) {
      _ = try call(request, .always, step: step, until: deadline) {
        isChanging = $0.status == 409
        return ErrorResponse($0).refusal(hints: hints)
      }
    } catch {
      guard isChanging else { throw error }
    }
  }

  /// Ends a session at the provider, even when nobody waits for us any more: it would stay there, and
  /// providers limit how many may be open. It is no failure if it is gone already.
  package func delete(
    _ request: HTTPRequest, hints: ProviderHints, until deadline: Moment
  ) throws(Failure) {
    do throws(Failure) {
      _ = try client.unwatched { () throws(Failure) in
        try repeatable(request, "close the session", hints, until: deadline)
      }
    } catch {
      guard error.kind == .notFound else { throw error }
    }
  }
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
