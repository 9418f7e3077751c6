import Configuration
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Providers

/// A home directory of its own for one test; it vanishes with its owner.
final class FixtureHome: Sendable {
  let path: String

  /// - Parameter name: the last part of the path, for what a path may hold.
  init(_ name: String = "home") throws {
    path =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
      + "/sshproxy-test-\(UUID().uuidString)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(
      atPath: (path as NSString).deletingLastPathComponent)
  }

  func path(of name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String, mode: Int = 0o600) throws {
    try write(Array(text.utf8), to: name, mode: mode)
  }

  func write(_ bytes: [UInt8], to name: String, mode: Int = 0o600) throws {
    let file = path(of: name)
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    guard mode & 0o111 == 0 else {
      return try WrittenProgram.write(bytes, to: file, mode: mode)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
  }

  func read(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path(of: name)).map(Array.init)
  }

  func mode(of name: String) throws -> Int? {
    let attributes = try FileManager.default.attributesOfItem(atPath: path(of: name))
    return (attributes[.posixPermissions] as? NSNumber)?.intValue
  }

  /// Everything below the directory, with its bytes.
  func snapshot() throws -> [String: Data?] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: path)
    return Dictionary(
      uniqueKeysWithValues: names.map { ($0, FileManager.default.contents(atPath: path(of: $0))) })
  }

  func locations(_ environment: [String: String] = [:]) throws -> FileLocations {
    try FileLocations(home: path, environment: environment)
  }

  func configuration(
    _ toml: String? = nil, mode: Int = 0o600, environment: [String: String] = [:]
  ) throws -> Configuration {
    if let toml { try write(toml, to: ".config/sshproxy/config.toml", mode: mode) }
    return try Configuration.load(
      locations(), environment: environment, vendors: Vendors.facts)
  }
}

extension ProviderKind {
  static var prime: Self { Vendor.prime.facts.kind }
  static var dedalus: Self { Vendor.dedalus.facts.kind }
  static var tensorpool: Self { Vendor.tensorpool.facts.kind }
}

/// The failure that the work ends in.
func failure(
  _ sourceLocation: SourceLocation = #_sourceLocation, of work: () throws -> Any
) -> Failure? {
  do {
    let result = try work()
    Issue.record("no failure but \(result)", sourceLocation: sourceLocation)
  } catch let failure as Failure {
    return failure
  } catch {
    Issue.record("another failure: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}
