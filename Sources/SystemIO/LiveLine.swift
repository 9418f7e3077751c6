/// The one line that a long wait shows on a terminal (`waking dm-abc … 7 s`); gone without a trace
/// when the wait ends. Off a terminal there is none.
public final class LiveLine {
  /// Waits shorter than this show nothing, in milliseconds.
  private static let threshold = 500

  private var text: String
  private let isOn: Bool
  private let write: (String) -> Void
  private let start = Moment.now
  private var shown: Int?

  /// - Parameters:
  ///   - isOn: whether there is a terminal to show it on.
  ///   - write: puts text on that terminal.
  public init(_ text: String, isOn: Bool, write: @escaping (String) -> Void) {
    self.text = text.shown(limit: 60)
    self.isOn = isOn
    self.write = write
  }

  /// Says what the wait is for now.
  public func change(to text: String) {
    let next = text.shown(limit: 60)
    guard next != self.text else { return }
    clear()
    self.text = next
  }

  /// Shows the seconds; to be called a few times a second.
  public func tick() {
    let elapsed = Moment.now - start
    guard isOn, elapsed >= Self.threshold, shown != elapsed / 1000 else { return }
    shown = elapsed / 1000
    write("\r\u{1b}[K\(text) … \(elapsed / 1000) s")
  }

  public func clear() {
    if shown != nil { write("\r\u{1b}[K") }
    shown = nil
  }
}
