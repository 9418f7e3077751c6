import SystemIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ends the process, which libFuzzer takes for a finding, unless something is as promised.
func promise(_ isKept: Bool, _ words: @autoclosure () -> String) {
  if isKept { return }
  say("\nBROKEN PROMISE: \(words())\n")
  abort()
}

/// Writes to standard error.
func say(_ text: String) {
  _ = text.withCString { write(2, $0, strlen($0)) }
}

/// What every failure promises: words that can be shown, in one line, and a kind that fits what
/// was read.
func promiseShowable(_ failure: Failure, kinds: Set<Failure.Kind>) {
  promise(kinds.contains(failure.kind), "\(failure.kind) is not for this: \(failure.message)")
  for words in [failure.step, failure.message, failure.hint ?? ""] {
    promise(words.sanitized(limit: .max) == words, "not showable: \(words.debugDescription)")
    promise(words.utf8.count <= 4096, "\(words.utf8.count) bytes of words")
  }
  promise(!failure.message.isEmpty, "no words at all")
}

/// Takes an input apart into small decisions. Behind its end everything is 0.
struct Decisions {
  private(set) var rest: ArraySlice<UInt8>

  init(_ input: [UInt8]) { rest = input[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

  mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}

/// Puts an input into a file.
func overwrite(_ path: String, _ bytes: [UInt8]) -> Bool {
  guard let file = try? Descriptor.open(path, flags: O_WRONLY | O_CREAT | O_TRUNC) else {
    return false
  }
  do {
    try bytes.withUnsafeBytes { try file.writeAll($0) }
    return true
  } catch {
    return false
  }
}
