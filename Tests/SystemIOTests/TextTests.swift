import SystemIO
import TestSupport
import Testing

@Suite struct SanitizedTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("größe 日本", "größe 日本"), ("a\nb\r\tc", "a?b??c"),
    ("\u{1b}[2J", "?[2J"), ("\u{7f}\u{80}\u{9f}", "???"), ("a\u{202e}b\u{200b}c", "a?b?c"),
    ("\u{feff}x\u{e0041}", "?x?"), ("e\u{301}", "e\u{301}"), ("\u{301}e", "?e"),
    ("e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}\u{301}\u{301}??"),
    ("ไม่มีทาง", "ไม่มีทาง"), ("हिन्दी", "हिन्दी"), ("Ω≈ç√ 🚀", "Ω≈ç√ 🚀"), ("\u{fffd}", "\u{fffd}"),
    ("a\u{5d0}\u{5d1}b", "a??b"), ("1\u{627}2", "1?2"),
  ])
  func onlyWhatCanBeSeen(_ text: String, _ expected: String) {
    #expect(text.sanitized() == expected)
  }

  /// Each has no ink, or moves the ink of others.
  @Test(arguments: [
    0x34f, 0x17b4, 0x17b5, 0x1bca0, 0x13430, 0x1d173, 0x110bd, 0x600, 0x70f, 0x2800, 0x3000, 0xa0,
    0xad, 0x1680, 0x2003, 0x202f, 0x2028, 0x2029, 0x202e, 0x2066, 0x2069, 0x200e, 0x61c, 0x180e,
    0x115f, 0x1160, 0x3164, 0xffa0, 0xfe0f, 0xe0100, 0xe0001, 0xfff9, 0xfffc, 0xfdd0, 0xfffe,
    0xffff, 0x1fffe, 0x10ffff, 0xe000, 0xf8ff, 0xf0000, 0x10fffd, 0x378, 0x5d0, 0x627, 0x7c0,
    0xfb1d, 0xfe8d, 0x10800, 0x1e900, 0x1d159, 0x85, 0x7f,
  ])
  func hidesWhatHidesOrMoves(_ value: UInt32) throws {
    let scalar = try #require(Unicode.Scalar(value))
    #expect("a\(Character(scalar))b".unicodeScalars.count == 3)
    #expect("a\(String(Character(scalar)))b".sanitized() == "a?b")
  }

  @Test func whatIsShownStaysAsItIs() {
    for value in UInt32(0)...0x10ffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "x\(String(Character(scalar)))".sanitized()
      if text.sanitized() != text { Issue.record("\(value)") }
    }
  }

  @Test func longTextsAreCut() {
    #expect(String(repeating: "x", count: 10).sanitized(limit: 10) == "xxxxxxxxxx")
    #expect(String(repeating: "x", count: 11).sanitized(limit: 10) == "xxxxxxxxxx…")
  }
}

@Suite struct WrappedTextTests {
  @Test(arguments: [
    ("short", "short"), ("one two three four", "one two\n   three\n   four"),
    ("a `b c d` e", "a\n   `b c d`\n   e"), ("a `b c d e f g` h", "a `b c d\n   e f g` h"),
    ("unbreakable-word", "unbreakable-word"), ("a `b c d e", "a `b c d\n   e"),
  ])
  func breaksAtWordsButNotInCommands(_ text: String, _ expected: String) {
    #expect(WrappedText.lines(text, indent: 3, width: 11) == expected)
    #expect(WrappedText.lines(text, indent: 3, width: nil) == text)
  }
}

@Suite struct BackoffTests {
  @Test func growsByHalfUpToItsMost() {
    for _ in 1...50 {
      var backoff = Backoff(first: 100, most: 300)
      let waits = (1...6).map { _ in backoff.next() }
      let bounds = [100, 150, 225, 300, 300, 300]
      for (wait, bound) in zip(waits, bounds) { #expect((bound / 2...bound).contains(wait)) }
    }
  }

  @Test func isNotTheSameForEverybody() {
    let waits = Set(
      (1...50).map { _ in
        var backoff = Backoff(first: 1000, most: 1000)
        return backoff.next()
      })
    #expect(waits.count > 10)
  }
}

@Suite struct FailureTests {
  @Test func everyKindHasItsStatus() {
    let statuses: [Failure.Kind: Int32] = [
      .usage: 64, .invalidResponse: 65, .notFound: 68, .unreachable: 69, .rejected: 69,
      .internalError: 70,
      .inputOutput: 74, .temporary: 75, .cancelled: 75, .denied: 77, .configuration: 78,
    ]
    for kind in Failure.Kind.allCases {
      #expect(Failure(kind, "x").exitStatus.rawValue == statuses[kind], "\(kind)")
    }
  }

  @Test func systemErrorsReadLikeOurs() {
    let full = Failure("write the record", number: ENOSPC)
    #expect(full.kind == .inputOutput)
    #expect(full.step == "write the record")
    #expect(full.message == "no space left on device")
    #expect(full.hint != nil)
  }
}

@Suite struct LiveLineTests {
  final class Screen {
    var text = ""
  }

  @Test func nothingOffATerminal() {
    let screen = Screen()
    let line = LiveLine("waiting", width: nil) { screen.text += $0 }
    let limit = Moment.now + 700
    while Moment.now < limit { line.tick() }
    line.clear()
    #expect(screen.text == "")
  }

  @Test func staysOneLine() {
    let screen = Screen()
    let line = LiveLine(String(repeating: "x", count: 70), width: 40) { screen.text += $0 }
    let limit = Moment.now + 700
    while Moment.now < limit { line.tick() }
    #expect(screen.text.contains("x") && screen.text.count < 40 + "\r\u{1b}[K".count)
  }

  @Test(.timed) func comesLateAndLeavesNoTrace() throws {
    let screen = Screen()
    let line = LiveLine("waking dm-abc\u{1b}[31m", width: 80) { screen.text += $0 }
    line.tick()
    #expect(screen.text == "")
    let limit = Moment.now + 1200
    var (last, longest) = (Moment.now, 0)
    while last < limit {
      line.tick()
      longest = max(longest, Moment.now - last)
      last = .now
    }
    // Called a few times a second, as it wants to be.
    try expectTime(Double(longest) / 1000, within: 0.4)
    #expect(
      screen.text == "\r\u{1b}[Kwaking dm-abc?[31m … 0 s\r\u{1b}[Kwaking dm-abc?[31m … 1 s")
    line.clear()
    line.clear()
    #expect(screen.text.hasSuffix(" … 1 s\r\u{1b}[K"))
  }
}
