import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads `/proc`, so that nothing of a login outlives the simulator.
enum ProcessTable {
  private static var all: [pid_t] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
  }

  /// The processes themselves, their children, and so on.
  static func descendants(of roots: Set<pid_t>) -> Set<pid_t> {
    var children: [pid_t: [pid_t]] = [:]
    for pid in all {
      // "PID (NAME) STATE PARENT …", where the name may hold anything but ends at the last ")".
      guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")"),
        let parent = text[end...].split(separator: " ").dropFirst(2).first.flatMap({ pid_t($0) })
      else { continue }
      children[parent, default: []].append(pid)
    }
    var found = roots
    var queue = Array(roots)
    while let next = queue.popLast() {
      for child in children[next] ?? [] where found.insert(child).inserted { queue.append(child) }
    }
    return found
  }

  /// The processes whose `HOME` is exactly this.
  static func processes(atHome home: String) -> Set<pid_t> {
    let wanted = Data("HOME=\(home)".utf8)
    return Set(
      all.filter { pid in
        guard let block = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else {
          return false
        }
        return pid != getpid() && block.split(separator: 0).contains { $0 == wanted }
      })
  }
}
