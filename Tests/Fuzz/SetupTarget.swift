import SystemIO

@testable import Configuration
@testable import SSHSetup

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Setting up and removing gives the user's bytes back, setting up twice is setting up once, and
/// the difference that is shown is the one that is made.
enum SetupTarget {
  private static let config = FuzzTarget.folder + "/config"
  private static let setup = (try? FileLocations(home: FuzzTarget.folder, environment: [:])).map {
    SSHSetup(
      program: "/usr/local/bin/sshproxy", files: $0,
      patterns: AliasPatterns(suffixes: ["prime"], names: ["lab"]),
      configFile: config)
  }

  static func run(_ input: [UInt8]) {
    guard let setup, let include = try? IncludeLine(setup.managedFile) else {
      return promise(false, "FUZZ_FOLDER has to be an absolute path")
    }
    unlink(setup.managedFile)
    unlink(setup.matchFile)
    unlink(config)
    promise(overwrite(config, input), "cannot write below \(FuzzTarget.folder)")
    do throws(Failure) {
      let difference = try setup.difference()
      promise(try !setup.apply().changed.isEmpty, "nothing was changed")
      let after = read(config) ?? []
      promise(try setup.apply().changed.isEmpty, "the second time changes something")
      promise(try setup.status() == .current, "not current after setup")
      promise(try setup.difference().isEmpty, "a difference after setup")
      promise(after.starts(with: Array((include.text).utf8)), "not the first line")
      promise(!difference.isEmpty, "no difference before setup")

      _ = try setup.remove()
      let end = read(config)
      promise(
        read(setup.managedFile) == nil && read(setup.matchFile) == nil,
        "our own file is still there")
      promise(try setup.remove().isEmpty, "removing twice removes more")
      // A line that was ours before is not given back; no other byte is lost.
      if include.isPresent(in: input) {
        promise(end == include.removed(from: input), "other bytes are left")
        promise(!include.isPresent(in: end ?? []), "a line of ours is left")
      } else {
        promise(end == input, "other bytes than before")
      }
    } catch {
      promiseShowable(error, kinds: [.configuration])
      promise(read(config) == input, "refused, and changed all the same")
      let isText = String(validating: input, as: UTF8.self) != nil && !input.contains(0)
      promise(!isText, "a text is refused: \(error.message)")
    }
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = try? Descriptor.open(path, flags: O_RDONLY) else { return nil }
    return try? file.readAll(limit: 8 << 20)
  }
}
