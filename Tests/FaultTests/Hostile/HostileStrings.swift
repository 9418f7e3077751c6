/// What a provider that has been taken over may put into any field. Each holds `mark`, by which it
/// is found again wherever it should not be, and tries to make the file `pwned`.
struct HostileStrings {
  static let mark = "zzmarkzz"

  let pwned: String

  /// As JSON strings, quotes included, byte by byte as they are sent.
  var all: [[UInt8]] { texts.map { Self.json($0) } + raw }

  private var texts: [String] {
    let mark = Self.mark
    let touch = "touch \(pwned)"
    return [
      // An option of ssh's.
      "-oProxyCommand=\(touch)#\(mark)", "-\(mark)", "--\(mark)", "-F/dev/null \(mark)",
      // Lines of ssh's configuration and known hosts.
      "\(mark)\n  ProxyCommand \(touch)", "\(mark)\r\nProxyCommand \(touch)",
      "\(mark)\nHost *\n  LocalCommand \(touch)\n  PermitLocalCommand yes",
      "\(mark)\n@cert-authority * ssh-ed25519 AAAA", "\(mark) # \(touch)",
      // The shell.
      "\(mark); \(touch)", "$(\(touch))\(mark)", "`\(touch)`\(mark)", "\(mark) | \(touch)",
      "\(mark) && \(touch)", "\(mark)>\(pwned)", "'\(mark)'; \(touch); '", "\"\(mark)\"; \(touch)",
      "\(mark)\\ \(mark)\\", "${HOME}\(mark)", "~/\(mark)", "{\(mark),x}",
      // ssh's tokens and patterns.
      "%h%r%C%d\(mark)", "%\(mark)", "*\(mark)", "!\(mark),*", "\(mark),*", "[\(mark)]:22",
      // Paths.
      "../\(mark)", "\(mark)/../../../etc/passwd", "/etc/\(mark)", "\(mark)/..", "..",
      // The terminal.
      "\(mark)\u{1b}[2J\u{1b}]0;\(mark)\u{07}", "\(mark)\u{9b}2J", "\(mark)\u{7f}\u{08}\u{08}",
      "\(mark)\r\(mark)", "\(mark)\u{2028}\(mark)", "\(mark)\u{85}x",
      // The eye.
      "\u{202e}\(mark)", "\(mark)\u{200b}", "\(mark)\u{feff}", "zzm\u{430}rkzz\(mark)",
      "\(mark)\u{ad}", "\(mark)\u{e0041}", "\u{ff0d}o\(mark)",
      // Bounds.
      "", " ", "\0\(mark)", "\(mark)\0x", String(repeating: mark, count: 8192),
      "a" + String(repeating: "\n", count: 1000) + mark,
      // Headers and URLs.
      "\(mark)\r\nX-Evil: 1\r\n\r\n", "http://\(mark)@127.0.0.1:1/", "file:///etc/\(mark)",
      "https://127.0.0.1:1/\(mark)?x", "javascript:alert(\(mark))",
    ]
  }

  /// What no encoder writes: bytes that are no UTF-8, half a surrogate pair.
  private var raw: [[UInt8]] {
    let mark = Array(Self.mark.utf8)
    let quote = [UInt8(ascii: "\"")]
    return [
      quote + mark + [0xff, 0xfe] + quote, quote + [0xc0, 0xaf] + mark + quote,
      quote + mark + [0xe2, 0x80] + quote, quote + mark + Array(#"\ud800"#.utf8) + quote,
      quote + mark + Array(#"\udc00\ud800"#.utf8) + quote, quote + mark + [0x00] + quote,
      quote + mark + [0x1b, 0x5b, 0x32, 0x4a] + quote,
    ]
  }

  static func json(_ text: String) -> [UInt8] {
    var result = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case 0..<0x20, 0x7f:
        let digits = Array("0123456789abcdef".utf8)
        result += Array(#"\u00"#.utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: result.append(byte)
      }
    }
    return result + [UInt8(ascii: "\"")]
  }
}
