internal import SystemIO

/// A vendor's own key in `config.toml`.
public struct VendorOption: Sendable {
  /// Its value, of the form that the option has.
  public enum Value: Sendable, Equatable {
    case text(String)
    case number(Int)
  }

  /// What its value may be.
  public enum Form: Sendable {
    /// A text for which `problem` has no complaint, the beginning of a sentence.
    case text(problem: @Sendable (String) -> String?)
    case number(ClosedRange<Int>, usual: Int)
  }

  /// The key in the vendor's table.
  public let name: String
  /// For the manual.
  public let about: String
  let form: Form
  /// The environment variable that comes before a text.
  let variable: String?
  /// Whether a session is for another target when it changes.
  let isPartOfTarget: Bool

  /// - Parameters:
  ///   - variable: the environment variable that comes before a text.
  ///   - isPartOfTarget: whether a session is for another target when it changes.
  ///   - about: for the manual; a number's has its bounds and its default added.
  public init(
    _ name: String, _ form: Form, variable: String? = nil, isPartOfTarget: Bool = false,
    about: String
  ) {
    self.name = name
    self.about =
      switch form {
      case .text: about
      case .number(let range, let usual):
        "\(about), \(range.lowerBound) to \(range.upperBound). Default: \(usual)."
      }
    self.form = form
    self.variable = variable
    self.isPartOfTarget = isPartOfTarget
  }

  /// What can be sent in a header or a URL.
  /// - Parameter noun: what the text is to be, with its article, for messages.
  public static func word(_ noun: String) -> Form {
    .text { text in
      guard !Grammar.isToken(text, longest: 256) else { return nil }
      return
        "\"\(text.sanitized(limit: 60))\" cannot be \(noun): 1 to 256 printable ASCII characters "
        + "without spaces"
    }
  }

  /// - Returns: `nil` where the table does not name it.
  /// - Throws: `.configuration`, naming the line.
  func read(_ section: TOMLSection) throws(Failure) -> Value? {
    switch form {
    case .number(let range, _): return try section.integer(name, in: range).map { .number($0) }
    case .text(let problem):
      guard let text = try section.string(name) else { return nil }
      if let problem = problem(text) { throw section.failure(name, problem) }
      return .text(text)
    }
  }

  /// The value that counts; `nil` for none.
  /// - Throws: `.configuration` when the variable's cannot be used.
  func value(_ sources: VendorSources) throws(Failure) -> Value? {
    switch form {
    case .number(_, let usual): return sources.options[name] ?? .number(usual)
    case .text(let problem):
      guard let variable, let text = sources.variable(variable) else {
        return sources.options[name]
      }
      if let problem = problem(text) {
        throw Failure(.configuration, step: "read \(variable)", problem)
      }
      return .text(text)
    }
  }
}
