import Configuration
import SystemIO

/// Values at places of an answer; `nil` for `null`.
struct PointerReader {
  let json: JSONValue
  let step: String

  func text(_ place: JSONPointer, isNeeded: Bool) throws(Failure) -> String? {
    guard let value = try value(place, isNeeded) else { return nil }
    // Some clouds number their machines.
    guard let text = value.text ?? value.int.map(String.init) else { throw wrong(place) }
    return text
  }

  /// A port, which some clouds write as a text.
  func port(_ place: JSONPointer, isNeeded: Bool) throws(Failure) -> Int? {
    guard let value = try value(place, isNeeded) else { return nil }
    // As an address is before there is one.
    if !isNeeded, value.text == "" { return nil }
    guard let number = value.int ?? value.text.flatMap(Grammar.port) else { throw wrong(place) }
    return number
  }

  /// The items of a list.
  /// - Parameter place: `nil` for the whole answer.
  func items(_ place: JSONPointer?) throws(Failure) -> [JSONValue] {
    guard let place else {
      guard case .array(let list) = json else {
        throw Failure(
          .invalidResponse, step: step,
          "the answer is not an array, and no \"list_items\" says where it stands")
      }
      return list
    }
    let found = try value(place, true)
    guard case .array(let list)? = found else { throw wrong(place) }
    return list
  }

  private func value(_ place: JSONPointer, _ isNeeded: Bool) throws(Failure) -> JSONValue? {
    guard let value = place.value(in: json) else {
      guard isNeeded else { return nil }
      throw Failure(
        .invalidResponse, step: step, "the answer has nothing at \"\(place.text.sanitized())\"",
        hint: "is that the right place in config.toml?")
    }
    return value == .null ? nil : value
  }

  func wrong(_ place: JSONPointer) -> Failure {
    Failure(
      .invalidResponse, step: step,
      "what stands at \"\(place.text.sanitized())\" in the answer is of the wrong type")
  }
}
