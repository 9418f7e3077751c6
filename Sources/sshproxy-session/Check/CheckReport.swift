import SystemIO

/// The steps of a `check`, printed as they end, or all at once as JSON.
final class CheckReport {
  private struct Entry {
    let name: String
    let finding: Finding
    let milliseconds: Int
  }

  private let context: Context
  private let isJSON: Bool
  private let isColoured: Bool
  private var entries: [Entry] = []

  init(_ context: Context, isJSON: Bool) {
    self.context = context
    self.isJSON = isJSON
    // https://no-color.org: any text that is not empty counts.
    isColoured = isTerminal(STDOUT_FILENO) && (context.environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Runs one step and records what it found. If it throws, the step is red.
  /// - Returns: whether steps that depend on this one can be run.
  /// - Throws: only `.cancelled`.
  @discardableResult
  func step(_ name: String, _ body: () throws(Failure) -> Finding) throws(Failure) -> Bool {
    let start = Moment.now
    context.liveLine.change(to: "checking \(name)")
    let finding: Finding
    do throws(Failure) {
      finding = try body()
    } catch {
      if error.kind == .cancelled { throw error }
      finding = .red(error)
    }
    add(name, finding, milliseconds: Moment.now - start)
    return finding.state != .red
  }

  /// Records a step that was timed elsewhere.
  func add(_ name: String, _ finding: Finding, milliseconds: Int) {
    let entry = Entry(name: name, finding: finding, milliseconds: milliseconds)
    entries.append(entry)
    context.liveLine.clear()
    if !isJSON { print(text(entry), terminator: "") }
  }

  /// The exit status: that of the first red step.
  var status: ExitStatus { entries.first { $0.finding.state == .red }?.finding.status ?? .done }

  /// What is printed at the end, if anything is.
  var ending: String {
    guard isJSON else { return "" }
    let list = entries.map { entry in
      JSONText.object([
        ("name", .text(entry.name)), ("state", .text(entry.finding.state.rawValue)),
        ("detail", .text(entry.finding.detail)), ("hint", .optional(entry.finding.hint)),
        ("milliseconds", .number(Int64(entry.milliseconds))),
      ])
    }
    return JSONText.object([("ok", .flag(status == .done)), ("checks", .list(list))]).rendered()
      + "\n"
  }

  private func text(_ entry: Entry) -> String {
    let word = painted(entry.finding.state)
    let name =
      entry.name + String(repeating: " ", count: max(1, Self.nameWidth - entry.name.count))
    let time = entry.milliseconds > 0 ? " (\(entry.milliseconds) ms)" : ""
    let detail = WrappedText.lines(
      entry.finding.detail + time, indent: Self.stateWidth + name.count)
    let arrow = String(repeating: " ", count: Self.stateWidth) + "→ "
    let hint =
      entry.finding.hint.map { arrow + WrappedText.lines($0, indent: arrow.count) + "\n" } ?? ""
    return "\(word)\(name)\(detail)\n\(hint)"
  }

  /// Columns of the terminal; a longer name takes what it needs.
  private static let (stateWidth, nameWidth) = (7, 22)

  /// The state in its own colour (ECMA-48, SGR).
  private func painted(_ state: Finding.State) -> String {
    let (word, code) =
      switch state {
      case .green: ("ok", 32)
      case .yellow: ("look", 33)
      case .red: ("wrong", 31)
      }
    let space = String(repeating: " ", count: Self.stateWidth - word.count)
    return isColoured ? "\u{1b}[\(code)m\(word)\u{1b}[0m\(space)" : word + space
  }
}
