import SystemIO

@testable import OpenSSH

/// A text that passes the check is one that was written here, whoever wrote it.
enum GeneratedTarget {
  static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let blocks: [ClientConfiguration.Block]
    do throws(Failure) {
      blocks = try ClientConfiguration.check(text)
    } catch {
      promiseShowable(error, kinds: [.configuration, .invalidResponse])
      return
    }
    promise((try? ClientConfiguration.render(blocks)) == text, "rendered differently")
    for block in blocks {
      promise(Alias.broken(by: block.alias) == nil, "alias \(block.alias)")
      for setting in block.settings { promiseHarmless(setting) }
    }
    // No line that ssh reads is anything but a block's head or a known keyword.
    let known = Set(Setting.Keyword.allCases.map(\.rawValue))
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let word = line.split(separator: " ").first.map(String.init) ?? ""
      promise(
        line.hasPrefix("Match originalhost ") || word == "Host" || known.contains(word),
        "the line \(line)")
    }
  }

  private static func promiseHarmless(_ setting: Setting) {
    let bytes = setting.value.utf8
    promise(!bytes.isEmpty && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "a control character")
    switch setting.keyword {
    case .identityFile, .certificateFile, .userKnownHostsFile, .globalKnownHostsFile,
      .controlPath:
      if setting == Setting(.controlPath, Setting.unshared) { break }
      promise(setting.value.hasPrefix("/") && !setting.value.contains("\""), "a path")
    case .ciphers: promise(setting.value == Setting.fastCipher, "the ciphers \(setting.value)")
    case .proxyJump:
      for hop in setting.value.split(separator: ",") {
        promiseHarmless(hop.hasPrefix("ssh://") ? hop.dropFirst(6) : hop)
      }
    default: promiseHarmless(setting.value[...])
    }
    let words = try? setting.arguments()
    promise(words?.count == 2 && words?.first == "-o", "no two words")
  }

  private static func promiseHarmless(_ word: Substring) {
    let harmless = Array("._-+=@:,[]".utf8)
    promise(
      word.utf8.allSatisfy { $0.isAlphanumeric || harmless.contains($0) }
        && word.utf8.first != 0x2d, "the value \(word)")
  }
}
