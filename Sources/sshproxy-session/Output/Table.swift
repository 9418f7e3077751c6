import SystemIO

/// A table: on a terminal with aligned columns and a heading; for programs (`tabbed`) with tabs between the
/// fields and no heading.
struct Table {
  struct Column {
    let heading: String
    /// How narrow it may become, in columns of the terminal; `nil` where it is never cut.
    let least: Int?
    /// Where the terminal is too narrow, the column with the lowest rank is left out first; `nil` for one
    /// that is always there.
    let rank: Int?

    init(_ heading: String, least: Int? = nil, rank: Int? = nil) {
      (self.heading, self.least, self.rank) = (heading, least, rank)
    }
  }

  private let columns: [Column]
  var rows: [[String]] = []

  private static let gap = 2

  init(_ columns: [Column]) {
    self.columns = columns
  }

  /// The same with a number before each row, from 1.
  var numbered: Table {
    var table = Table([Column("")] + columns)
    table.rows = rows.enumerated().map { ["\($0.offset + 1)"] + $0.element }
    return table
  }

  /// For programs: a row a line.
  static func tabbed(_ rows: [[String]]) -> String {
    rows.map { $0.joined(separator: "\t") + "\n" }.joined()
  }

  /// On a terminal of so many columns. What no row has is left out; then columns that may be cut
  /// are, and then the least of them go.
  func text(width: Int) -> String {
    var shown = columns.indices.filter { index in
      columns[index].rank == nil || rows.contains { $0[index] != "-" }
    }
    var widths = widths
    func total() -> Int { shown.reduce(-Self.gap) { $0 + widths[$1] + Self.gap } }
    while total() > width {
      let excess = total() - width
      let room = shown.map { max(0, widths[$0] - (columns[$0].least ?? widths[$0])) }
      if room.reduce(0, +) >= excess {
        Self.cut(&widths, zip(shown, room), excess)
      } else if let least = shown.filter({ columns[$0].rank != nil })
        .min(by: { columns[$0].rank ?? 0 < columns[$1].rank ?? 0 })
      {
        shown.removeAll { $0 == least }
      } else {
        break
      }
    }
    return text(shown, widths)
  }

  /// Takes from the widest of the columns that have room, one at a time.
  private static func cut(_ widths: inout [Int], _ room: some Sequence<(Int, Int)>, _ excess: Int) {
    var room = Dictionary(uniqueKeysWithValues: room.map { ($0, $1) })
    for _ in 0..<excess {
      guard
        let widest = room.filter({ $0.value > 0 }).keys.max(by: {
          (widths[$0], $0) < (widths[$1], $1)
        })
      else { return }
      widths[widest] -= 1
      room[widest, default: 0] -= 1
    }
  }

  private var widths: [Int] {
    columns.indices.map { column in
      max(columns[column].heading.count, rows.map { $0[column].count }.max() ?? 0)
    }
  }

  private func text(_ shown: [Int], _ widths: [Int]) -> String {
    guard !rows.isEmpty else { return "" }
    return ([columns.map(\.heading)] + rows).map { row in
      var line = ""
      for column in shown {
        let cell = row[column]
        let text = cell.count > widths[column] ? cell.prefix(widths[column] - 1) + "…" : cell[...]
        guard column != shown.last else {
          line += text
          break
        }
        line += text + String(repeating: " ", count: widths[column] - text.count + Self.gap)
      }
      return line + "\n"
    }.joined()
  }
}
