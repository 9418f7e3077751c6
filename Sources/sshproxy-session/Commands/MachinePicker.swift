import Configuration
import Providers
import SystemIO

/// Offers the user's machines on the terminal, and asks for one: standard output is for the machine.
struct MachinePicker {
  private let entries: [MachineTable.Entry]

  /// The longest answer that is read, in bytes.
  private static let longest = 300

  /// Asks the vendors that there is a key for; names under `[hosts]` need none.
  /// - Throws: `.denied` where there is neither, the failure of the only vendors asked where they listed
  ///   nothing, `.cancelled`.
  init(_ context: Context, _ configuration: Configuration) throws(Failure) {
    var entries: [MachineTable.Entry] = []
    var failure: Failure?
    do throws(Failure) {
      let kinds = try MachineSurvey.kinds(configuration)
      let survey = try MachineSurvey(kinds, configuration, context)
      let table = MachineTable(survey, configuration)
      entries = table.entries.filter { $0.alias != nil }
      failure = survey.failures.first?.failure
      if survey.machines.isEmpty, failure != nil {
        entries = []
      } else {
        _ = survey.reportFailures()
        table.reportCut()
      }
    } catch {
      if error.kind == .cancelled { throw error }
      failure = error
    }
    let listed = Set(entries.compactMap(\.alias))
    for name in configuration.hostNames where !listed.contains(name) {
      guard let alias = try? Alias(name), let (kind, id) = try? configuration.machine(for: alias)
      else { continue }
      let machine = Machine(id: id, state: "-", created: nil)
      entries.append(MachineTable.Entry(provider: kind, alias: name, machine: machine))
    }
    if entries.isEmpty {
      throw failure
        ?? Failure(.notFound, "there is no machine to pick from", hint: "start one at its provider")
    }
    self.entries = entries
  }

  /// - Returns: the alias; `nil` where the user wants none.
  func pick() throws(Failure) -> String? {
    var offered = entries
    while true {
      show(offered)
      var isAnswered = false
      while !isAnswered {
        guard let answer = try answer(), !answer.isEmpty else { return nil }
        let found = Self.matches(answer, offered)
        if found.count == 1 { return found.first?.alias }
        isAnswered = !found.isEmpty
        if isAnswered {
          offered = found
        } else {
          Report.line("note: no machine is like \"\(answer)\"")
        }
      }
    }
  }

  private func show(_ offered: [MachineTable.Entry]) {
    let text = MachineTable.table(offered).numbered.text(
      width: TerminalWidth.of(STDERR_FILENO) ?? TerminalWidth.usual)
    Report.write(text)
  }

  /// A number of the list, a whole alias or name, or letters of one.
  private static func matches(
    _ answer: String, _ offered: [MachineTable.Entry]
  ) -> [MachineTable.Entry] {
    if let number = Int(answer), (1...offered.count).contains(number) {
      return [offered[number - 1]]
    }
    let letters = answer.lowercased()
    let names = offered.map { entry in
      [entry.alias, entry.machine.name].compactMap { $0?.lowercased() }
    }
    let ways: [(String) -> Bool] = [
      { $0 == letters }, { $0.hasPrefix(letters) }, { $0.contains(letters) },
    ]
    for way in ways {
      let found = zip(offered, names).filter { $1.contains(where: way) }.map(\.0)
      if !found.isEmpty { return found }
    }
    return []
  }

  /// One line; `nil` at the end of the input. The terminal's keys work as they do: ^C ends us.
  private func answer() throws(Failure) -> String? {
    Report.write("number or letters of a name: ")
    let caller = HangUpMonitor(output: -1)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: Self.longest)
    while bytes.last != UInt8(ascii: "\n"), bytes.count < Self.longest {
      let count = try caller.read(STDIN_FILENO, into: &buffer, until: nil)
      guard let count, count > 0 else {
        Report.write("\n")
        return nil
      }
      bytes += buffer[..<count]
    }
    let words = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }
    return words.joined(separator: " ").sanitized(limit: Self.longest)
  }
}
