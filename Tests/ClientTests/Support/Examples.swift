import Foundation
import TestSupport

/// The files under `examples/`, as they stand there.
enum Examples {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "examples").path

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// - Throws: when there is no such file.
  static func text(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: path(name)), encoding: .utf8)
  }
}

extension String {
  /// The same with one text in the place of another.
  /// - Throws: when there is nothing to replace, so that a test does not pass by its own failure.
  func putting(_ new: String, inPlaceOf old: String) throws -> String {
    guard contains(old) else { throw Unexpected("\"\(old)\" is not in the example") }
    return replacingOccurrences(of: old, with: new)
  }
}
