import Foundation
import TestSupport

/// OpenSSH's own programs, run in a directory that is removed at the end.
final class Workbench: Sendable {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory("openssh") }

  var path: String { directory.path }

  struct Output {
    var status: Int32
    var text: String
  }

  /// Runs a program found in PATH; stdout and stderr together.
  @discardableResult
  func run(_ words: String...) throws -> Output { try run(words) }

  @discardableResult
  func run(_ words: [String], stdin: String = "/dev/null") throws -> Output {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    let pipe = Pipe()
    process.standardInput = FileHandle(forReadingAtPath: stdin)
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Output(
      status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
  }

  /// ssh-keygen, whose failure is the test's.
  func keygen(_ words: String...) throws {
    let output = try run(["ssh-keygen", "-q"] + words)
    guard output.status == 0 else { throw Unexpected(output.text) }
  }

  /// Makes a key pair in the file `name` and returns the public line.
  func key(_ name: String, _ type: String, bits: Int? = nil) throws -> String {
    let size = bits.map { ["-b", "\($0)"] } ?? []
    let output = try run(
      ["ssh-keygen", "-q", "-t", type] + size + ["-N", "", "-C", "a comment", "-f", name])
    guard output.status == 0 else { throw Unexpected(output.text) }
    return try read("\(name).pub")
  }

  func read(_ name: String) throws -> String {
    guard let text = directory.read(name) else { throw Unexpected("there is no \(name)") }
    return text
  }

  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
    try directory.write(Array(bytes), to: name)
  }

  func write(_ name: String, _ text: String) throws { try directory.write(text, to: name) }
}
