import OpenSSH
import SessionRecord
import Sessions
import SystemIO

/// The aliases that `list` has shown, for the shell's completion: a file in the state directory with a
/// line `PROVIDER ALIAS` each. It may be lost at any time.
struct MachineCache {
  private static let name = "machines"
  private static let limit = 1 << 20

  private let directory: String

  init(_ files: FileLocations) {
    directory = files.stateDirectory
  }

  var aliases: [String] { entries.map(\.alias) }

  /// Replaces what is remembered of one provider.
  /// - Parameter isListed: whether all that is remembered is also written as `Host` lines, for programs
  ///   that list the hosts of ssh's configuration.
  func remember(_ aliases: [String], of provider: ProviderKind, isListed: Bool) {
    let kept = entries.filter { $0.provider != provider.rawValue }
    let lines =
      kept.map { "\($0.provider) \($0.alias)\n" } + aliases.map { "\(provider.rawValue) \($0)\n" }
    // It is only a convenience, so `list` does not fail when the disk is full.
    guard let folder = try? PrivateDirectory(making: directory) else { return }
    try? PrivateFile.write(lines.joined(), to: Self.name, in: folder.descriptor)
    guard isListed else { return folder.remove(StateDirectory.machinesName) }
    let known = (kept.map(\.alias) + aliases).filter(Grammar.isAlias)
    let hosts = ConfigLine.runs(of: known, room: ConfigLine.longest - "Host ".utf8.count)
    try? PrivateFile.write(
      hosts.map { "Host \($0.joined(separator: " "))\n" }.joined(), to: StateDirectory.machinesName,
      in: folder.descriptor)
  }

  private var entries: [(provider: String, alias: String)] {
    guard
      let bytes = try? PrivateFile.read("\(directory)/\(Self.name)", limit: Self.limit)
    else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 2, Grammar.isAlias(words[1]) else { return nil }
      return (words[0], words[1])
    }
  }
}
