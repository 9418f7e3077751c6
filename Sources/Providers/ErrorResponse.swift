import Configuration
import SystemIO

/// Reads the providers' error answers.
///
/// The forms that are known: `errors[].param/details`; FastAPI's `detail`; `error_code`, `message`,
/// `retryable` and `retry_after_ms`; `application/problem+json` (RFC 9457); `error` with a `msg` beside it,
/// or with `code`, `message` and `suggestion` in it.
package struct ErrorResponse {
  private let value: JSONValue?
  let response: HTTPResponse

  /// - Parameter response: one with another status than 200 to 299; its body may be anything.
  package init(_ response: HTTPResponse) {
    self.response = response
    value = try? response.json.get()
  }

  var code: String? { (value?["error_code"] ?? value?["error"]?["code"])?.text }
  var isRetryable: Bool? { value?["retryable"]?.flag }

  /// How long to wait before the next try, in milliseconds.
  var retryAfter: Int? {
    value?["retry_after_ms"]?.int(in: Answer.waits) ?? response.retryAfter
  }

  /// The provider's own message, in one line; `nil` if there is none.
  var words: String? {
    var parts: [String] = []
    for error in value?["errors"]?.list ?? [] {
      let place = error["param"]?.text ?? error["location"]?.text
      let text = error["details"]?.text ?? error["message"]?.text
      parts += [[place, text].compactMap { $0 }.joined(separator: ": ")]
    }
    for error in value?["detail"]?.list ?? [] {
      let place = error["loc"]?.list.compactMap {
        $0.text ?? $0.int.map(String.init)
      }
      let text = error["msg"]?.text
      parts += [[place?.joined(separator: "."), text].compactMap { $0 }.joined(separator: ": ")]
    }
    if parts.isEmpty {
      let single = ["message", "msg", "detail", "title", "error"].lazy.compactMap {
        value?[$0]?.text
      }
      let inner = ["message", "suggestion"].compactMap { value?["error"]?[$0]?.text }
      parts = single.first.map { [$0] } ?? inner
    }
    let said = parts.filter { !$0.isEmpty }.joined(separator: "; ")
    let name = code.flatMap { $0.isEmpty ? nil : "(\($0))" }
    let text = [said, name ?? ""].filter { !$0.isEmpty }.joined(separator: " ").sanitized()
    return text.isEmpty ? nil : text
  }

  /// Whether the answer complains about a field of the request.
  func names(field: String) -> Bool {
    let params = value?["errors"]?.list.compactMap { $0["param"]?.text } ?? []
    let places = value?["detail"]?.list.flatMap { $0["loc"]?.list.compactMap(\.text) ?? [] } ?? []
    return (params + places).contains { $0.hasSuffix(field) }
  }

  /// The meaning of the status, which is the same for every provider.
  package func refusal(hints: ProviderHints) -> Refusal {
    let said = words.map { ": \($0)" } ?? ""
    func failure(_ kind: Failure.Kind, _ text: String, _ hint: String?) -> Failure {
      Failure(kind, text + said, hint: hint, retryAfter: retryAfter)
    }
    switch response.status {
    case 401, 403:
      return Refusal(
        failure: failure(
          .denied, "\(hints.provider) refuses the key (HTTP \(response.status))", hints.denied),
        isRetryable: false)
    case 404, 410:
      return Refusal(
        failure: failure(.notFound, "\(hints.provider) knows no such machine", hints.notFound),
        isRetryable: false)
    case 408, 425, 429:
      let busy = failure(
        .temporary, "\(hints.provider) asks to come again later (HTTP \(response.status))",
        retryAfter.flatMap { $0 > 0 ? "wait \(($0 + 999) / 1000) s and run it again" : nil })
      return Refusal(failure: busy, isRetryable: isRetryable ?? true)
    case 300..<400:
      let redirect = failure(
        .invalidResponse,
        "\(hints.provider) redirects (HTTP \(response.status)), which is not followed",
        "check base_url")
      return Refusal(failure: redirect, isRetryable: false)
    case 500..<600:
      let isFinal = isRetryable == false
      let fault = failure(
        isFinal ? .rejected : .temporary, "\(hints.provider) has a fault (HTTP \(response.status))",
        isFinal ? nil : "run it again later")
      return Refusal(failure: fault, isRetryable: !isFinal)
    default:
      let no = failure(.rejected, "\(hints.provider) says no (HTTP \(response.status))", nil)
      return Refusal(failure: no, isRetryable: false)
    }
  }
}

/// The provider's name, and the hints for its usual refusals.
package struct ProviderHints {
  var provider: String
  var denied: String
  var notFound: String

  /// - Parameters:
  ///   - denied: what to do where the key is refused.
  ///   - notFound: what to do where there is no such machine.
  package init(provider: String, denied: String, notFound: String) {
    self.provider = provider
    self.denied = denied
    self.notFound = notFound
  }
}

extension ProviderHints {
  /// - Parameter notFound: what helps where there is no such machine; `nil` for the list.
  init(_ access: VendorAccess, notFound: String? = nil) {
    let kind = access.settings.kind
    self.init(
      provider: kind.title,
      denied: "check the key at the provider, then `sshproxy login \(access.loginName)`",
      notFound: notFound ?? "`sshproxy list \(kind.rawValue)` shows what there is")
  }
}
