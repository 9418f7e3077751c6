import SystemIO

/// A table: on a terminal with aligned columns and a heading, otherwise, for programs, with tabs
/// between the fields and no heading.
struct Table {
  let heading: [String]
  var rows: [[String]] = []

  init(_ heading: [String]) {
    self.heading = heading
  }

  func text(isTerminal: Bool = isatty(STDOUT_FILENO) == 1) -> String {
    guard isTerminal else { return rows.map { $0.joined(separator: "\t") + "\n" }.joined() }
    guard !rows.isEmpty else { return "" }
    let all = [heading] + rows
    let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = ""
      for (cell, width) in zip(row.dropLast(), widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      return line + (row.last ?? "") + "\n"
    }.joined()
  }
}
