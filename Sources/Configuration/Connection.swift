internal import SystemIO

extension Configuration {
  /// Whether sessions are looked after behind ssh's back (`renew_ahead`).
  enum RenewAhead: String, Sendable, CaseIterable {
    /// Where no program has to be run for it: that may ask for a password or a finger.
    case auto
    case always
    case never

    /// - Returns: `nil` where the table does not name it.
    init?(_ section: TOMLSection) throws(Failure) {
      guard let word = try section.string("renew_ahead") else { return nil }
      guard let known = Self(rawValue: word) else {
        let words = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw section.failure(
          "renew_ahead",
          "\"renew_ahead\"\(section.place) is \"\(word.sanitized(limit: 40))\", not one of \(words)"
        )
      }
      self = known
    }
  }

  /// Whether the target's provider may be talked to when nobody is there to answer a question.
  public func worksUnattended(for target: Target) -> Bool {
    // A fixed endpoint has nothing to renew.
    guard target.provider != .static else { return false }
    switch file.renewAhead {
    case .always: return true
    case .never: return false
    case .auto:
      guard target.provider.isVendor else { return false }
      if case .value? = try? keySource(of: target.provider) { return true } else { return false }
    }
  }
}
