internal import CSystem

/// How wide what people read may be.
public enum TerminalWidth {
  /// What is neither seen nor said (POSIX, `COLUMNS`).
  private static let usual = 80
  /// Narrower than this, words in columns cannot be read at all.
  private static let least = 40

  /// The columns of the terminal that standard output is; `nil` where it is none.
  public static var ofOutput: Int? { of(STDOUT_FILENO) }

  /// The columns of the terminal that a descriptor is; `nil` where it is none.
  public static func of(_ descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    let columns = Int(csystem_columns(descriptor))
    return columns == 0 ? usual : max(columns, least)
  }
}
