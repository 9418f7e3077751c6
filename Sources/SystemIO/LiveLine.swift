/// The one progress line of a long wait on a terminal (`waking dm-abc … 7 s`). It is erased when the
/// wait ends.
public final class LiveLine {
  /// Nothing is shown before this time, in milliseconds.
  private static let threshold = 500

  private var text: String
  private let isOn: Bool
  private let write: (String) -> Void
  private let start = Moment.now
  private var shown: Int?

  /// - Parameters:
  ///   - isOn: whether there is a terminal; if not, nothing is ever shown.
  ///   - write: writes to that terminal.
  public init(_ text: String, isOn: Bool, write: @escaping (String) -> Void) {
    self.text = text.sanitized(limit: 60)
    self.isOn = isOn
    self.write = write
  }

  /// Sets what is being waited for.
  public func change(to text: String) {
    let next = text.sanitized(limit: 60)
    guard next != self.text else { return }
    clear()
    self.text = next
  }

  /// Updates the seconds; to be called a few times a second.
  public func tick() {
    let elapsed = Moment.now - start
    guard isOn, elapsed >= Self.threshold, shown != elapsed / 1000 else { return }
    shown = elapsed / 1000
    write("\r\u{1b}[K\(text) … \(elapsed / 1000) s")
  }

  /// Erases the line.
  public func clear() {
    if shown != nil { write("\r\u{1b}[K") }
    shown = nil
  }
}
