public import Foundation

/// A program that runs with a test's home directory.
public struct HomeProcess: Sendable, Hashable, CustomStringConvertible {
  public let identifier: pid_t
  public let words: [String]
  public let environment: [String]

  public var program: String { (words.first.map { $0 as NSString })?.lastPathComponent ?? "" }
  public var description: String { "\(identifier): \(words.joined(separator: " "))" }

  /// What runs now, zombies apart, in the order of the identifiers.
  public static func all(home: String) -> [HomeProcess] {
    let mark = Data("HOME=\(home)\0".utf8)
    // The master of a shared connection has written its title over its environment.
    let title = Data("ssh: \(home)/".utf8)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.sorted().compactMap { identifier in
      guard let variables = FileManager.default.contents(atPath: "/proc/\(identifier)/environ"),
        let line = FileManager.default.contents(atPath: "/proc/\(identifier)/cmdline"),
        !line.isEmpty, variables.range(of: mark) != nil || line.starts(with: title)
      else { return nil }
      return HomeProcess(
        identifier: identifier, words: texts(line), environment: texts(variables))
    }
  }

  /// Whether a process waits for a lock of another's (proc(5), /proc/locks).
  public static func waitsForLock(_ identifier: pid_t) -> Bool {
    let text = FileManager.default.contents(atPath: "/proc/locks") ?? Data()
    return String(decoding: text, as: UTF8.self).split(separator: "\n").contains { line in
      let words = line.split(separator: " ")
      return words.count > 5 && words[1] == "->" && words[5] == "\(identifier)"
    }
  }

  private static func texts(_ data: Data) -> [String] {
    data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
