import Sessions
import SystemIO

/// A provider's API with the key to it: what every request of it shares.
struct ProviderAPI {
  let client: HTTPClient
  let base: String
  let key: APIKey
  /// Headers of each request beside the key's.
  var headers: [(name: String, value: String)] = []

  func request(_ method: HTTPRequest.Method, _ path: [String], query: String = "") -> HTTPRequest {
    let authorization =
      key.header == .bearer
      ? ("Authorization", "Bearer \(key.reveal())") : ("x-api-key", key.reveal())
    return HTTPRequest(
      method: method, base: base, path: path, query: query, headers: [authorization] + headers)
  }

  func call(
    _ request: HTTPRequest, _ repetition: Repetition, step: String, until deadline: Moment,
    explain: (HTTPResponse) -> Refusal
  ) throws(Failure) -> HTTPResponse {
    try client.call(request, repetition, step: step, until: deadline, explain: explain)
  }

  /// Ends something at the provider; that it is gone already is as good.
  func delete(
    _ request: HTTPRequest, hints: ProviderHints, until deadline: Moment
  ) throws(Failure) {
    do throws(Failure) {
      _ = try call(request, .always, step: "close the session", until: deadline) {
        ErrorAnswer($0).refusal(hints: hints)
      }
    } catch {
      guard error.kind == .unknown else { throw error }
    }
  }

  /// The address of a second server that the provider names: https, or http where its own API is
  /// on this computer too.
  func gatewayURL(_ text: String, step: String) throws(Failure) -> String {
    let refused = Failure(
      .nonsense, step: step, "\"gateway_url\" in the answer is not an https URL")
    guard let url = try? BaseURL.checked(text, origin: "the answer"),
      url.hasPrefix("https://") || base.hasPrefix("http://")
    else { throw refused }
    return url
  }
}
