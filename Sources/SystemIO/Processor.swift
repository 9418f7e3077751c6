/// What this computer's processor can do, as Linux shows it.
public enum Processor {
  /// Whether AES-GCM costs it little: it has instructions for AES, and for the products of GHASH.
  public static var hasFastAESGCM: Bool {
    guard let bytes = ProcFile.read("cpuinfo", limit: 4 << 20) else { return false }
    return hasFastAESGCM(information: String(decoding: bytes, as: UTF8.self))
  }

  /// - Parameter information: the text of `/proc/cpuinfo`: x86 has a line `flags`, Arm `Features`. Every
  ///   core must have the instructions.
  public static func hasFastAESGCM(information: String) -> Bool {
    let lines = information.utf8.split(separator: UInt8(ascii: "\n")).filter {
      $0.starts(with: "flags".utf8) || $0.starts(with: "Features".utf8)
    }
    return !lines.isEmpty
      && lines.allSatisfy { line in
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
          .map { String(Substring($0)) }
        return words.contains("aes") && (words.contains("pclmulqdq") || words.contains("pmull"))
      }
  }
}
