/// What a process has started, and what that has started in turn: a script that is ended must not
/// leave its `sleep` behind.
///
/// A process group of its own would say the same, but would take the terminal from a password
/// manager that asks there. Where the system tells nothing of other processes, none are known.
struct Descendants {
  /// What the system says of a process. Number and start together are one process's alone.
  private struct Entry: Equatable {
    var identifier: pid_t
    var parent: pid_t
    /// When it was started, in ticks since the computer was.
    var start: Substring

    /// The second word behind the program's name is the parent, the twentieth the start (proc(5)).
    init?(of process: pid_t) {
      guard let words = OtherProcess.status(of: process), words.count > 19,
        let parent = pid_t(words[1])
      else { return nil }
      (identifier, self.parent, start) = (process, parent, words[19])
    }
  }

  /// One process and no other, even where it has ended and another one has its number.
  private final class Member {
    private let identifier: pid_t
    /// Negative on a kernel without such descriptors (Linux before 5.3), or with none to spare.
    private let descriptor: Int32

    /// - Returns: `nil` when the process has ended.
    init?(_ entry: Entry) {
      identifier = entry.identifier
      #if os(Linux) && !PORTABLE
        descriptor = csystem_process_descriptor(entry.identifier)
      #else
        descriptor = -1
      #endif
      // The descriptor holds one process; it has to be the one that was listed.
      guard Entry(of: entry.identifier)?.start == entry.start else { return nil }
    }

    deinit {
      if descriptor >= 0 { close(descriptor) }
    }

    func signal(_ signal: Int32) {
      #if os(Linux) && !PORTABLE
        if descriptor >= 0 {
          csystem_signal_process(descriptor, signal)
          return
        }
      #endif
      kill(identifier, signal)
    }
  }

  private var members: [Member] = []

  /// - Parameter ancestor: a child that has not been waited for, so that its number is its own.
  init(of ancestor: pid_t) {
    let entries = OtherProcess.all.compactMap(Entry.init)
    var family = [ancestor]
    var next = 0
    while next < family.count {
      // The processes were not listed all at one moment, so parents might form a cycle.
      for entry in entries
      where entry.parent == family[next] && !family.contains(entry.identifier) {
        family.append(entry.identifier)
        if let member = Member(entry) { members.append(member) }
      }
      next += 1
    }
  }

  func signal(_ signal: Int32) {
    for member in members { member.signal(signal) }
  }
}
