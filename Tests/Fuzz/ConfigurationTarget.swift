import OpenSSH
import Providers
import SystemIO

@testable import Configuration
@testable import SSHSetup

/// Any text is read or refused with its file named; what is read can be used.
enum ConfigurationTarget {
  private static let files = try? FileLocations(
    home: FuzzTarget.folder, config: FuzzTarget.folder, environment: [:])

  static func run(_ input: [UInt8]) {
    // UserFile has refused whatever is not UTF-8.
    guard let text = String(validating: input.dropFirst(), as: UTF8.self) else { return }
    guard let files, overwrite(files.configurationFile, Array(text.utf8)) else {
      return promise(false, "FUZZ_FOLDER has to be a folder")
    }
    do throws(Failure) {
      if input.first == 0 {
        _ = try CredentialsFile(text, path: files.configurationFile, Vendors.facts)
      } else {
        check(try Configuration.load(files, environment: [:], vendors: Vendors.facts))
      }
    } catch {
      promiseShowable(error, kinds: [.configuration])
      promise(error.message.hasPrefix("config.toml"), error.message)
    }
  }

  private static func check(_ configuration: Configuration) {
    let file = configuration.file
    promise((1...3600).contains(configuration.connection.deadline), "deadline")
    for (_, settings) in file.providers {
      promise(Alias.broken(by: settings.suffix) == nil, "suffix \(settings.suffix)")
      if case .number(let ttl)? = settings.options["ttl"] {
        promise((1...3600).contains(ttl), "ttl")
      }
    }
    for (name, host) in file.hosts {
      promise(Alias.broken(by: name) == nil && name == name.lowercased(), "host \(name)")
      promise(Alias.broken(by: host.id) == nil, "id \(host.id)")
      promise((host.endpoint != nil) == (host.provider == .static), "endpoint")
      promise(host.command.isEmpty == (host.provider != .command), "command")
    }
    // Whatever the names are, ssh can be told them.
    let managed = ManagedFile(
      program: "/usr/bin/sshproxy", files: configuration.files,
      patterns: configuration.aliasPatterns, fdpass: true, listsMachines: false)
    do throws(Failure) {
      for text in [try managed.text(matchFile: "/x/match", made: nil), try managed.matchText()] {
        for line in text.utf8.split(separator: 0x0a) {
          promise(line.count <= ConfigLine.longest, "a line of \(line.count) bytes")
        }
      }
    } catch {
      promise(false, "the managed file: \(error.message)")
    }
    for name in configuration.hostNames + ["sb1.prime", "dm-abc.dedalus", "node1.tensorpool"] {
      guard let alias = try? Alias(name) else { return promise(false, "no alias: \(name)") }
      do throws(Failure) {
        _ = try configuration.target(for: alias)
      } catch {
        promiseShowable(error, kinds: [.notFound, .usage])
      }
    }
  }
}
