import Foundation
import TestSupport

/// Looks at every process of a home directory again and again, and keeps what it sees.
final class Sampler: @unchecked Sendable {
  struct Sighting: Hashable {
    let program: String
    let words: [String]
    let environment: [String]
  }

  private let lock = NSLock()
  private var found: Set<Sighting> = []
  private var isOver = false
  private let mark: Data

  init(home: String) {
    mark = Data("HOME=\(home)\0".utf8)
    Thread { [self] in while !lock.withLock({ isOver }) { look() } }.start()
  }

  /// All that was seen.
  func stop() -> Set<Sighting> {
    lock.withLock {
      isOver = true
      return found
    }
  }

  private func look() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for process in names where pid_t(process) != nil {
      guard let variables = FileManager.default.contents(atPath: "/proc/\(process)/environ"),
        variables.range(of: mark) != nil,
        let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline"), !line.isEmpty
      else { continue }
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      let sighting = Sighting(
        program: ((words.first ?? "") as NSString).lastPathComponent, words: words,
        environment: variables.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
      lock.withLock { _ = found.insert(sighting) }
    }
    usleep(1000)
  }
}
