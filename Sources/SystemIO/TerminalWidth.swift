internal import CSystem

/// How wide what people read may be.
public enum TerminalWidth {
  /// What is neither seen nor said (POSIX, `COLUMNS`).
  private static let usual = 80
  /// Narrower than this, words in columns cannot be read at all.
  private static let least = 40

  /// The columns of the terminal that standard output is; `nil` where it is none.
  public static var ofOutput: Int? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    let columns = Int(csystem_columns(STDOUT_FILENO))
    return columns == 0 ? usual : max(columns, least)
  }
}
