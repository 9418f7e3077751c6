import Foundation
import TestSupport

/// Looks at every process of a home directory again and again, on a thread of its own, and keeps what it sees.
/// What both threads use is under the lock.
final class Sampler: @unchecked Sendable {
  private let lock = NSLock()
  private var found: Set<HomeProcess> = []
  private var isOver = false

  init(home: String) {
    Thread { [self] in while !lock.withLock({ isOver }) { look(home) } }.start()
  }

  /// All that was seen.
  func stop() -> Set<HomeProcess> {
    lock.withLock {
      isOver = true
      return found
    }
  }

  private func look(_ home: String) {
    let now = HomeProcess.all(home: home)
    lock.withLock { found.formUnion(now) }
    usleep(1000)
  }
}
