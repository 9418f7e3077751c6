import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The running simulator. It ends when its standard input does, so that it cannot outlive the tests.
final class SimulatorProcess: Sendable {
  /// Foundation's objects, which say nothing about threads; they are in the lock's hands alone.
  private struct Parts: @unchecked Sendable {
    var process: Process
    var lifeline: FileHandle
    var output: FileHandle
  }

  private let parts: Mutex<Parts?>

  /// - Throws: `Simulator.Broken` when it cannot be started.
  init(_ options: [String]) throws {
    let program = BuiltProgram.path(of: "provider-simulator")
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = ["--lifeline"] + options
    let lifeline = Pipe()
    let output = Pipe()
    process.standardInput = lifeline
    process.standardOutput = output
    do { try process.run() } catch {
      throw Simulator.Broken(description: "cannot start \(program): \(error)")
    }
    parts = Mutex(
      Parts(
        process: process, lifeline: lifeline.fileHandleForWriting,
        output: output.fileHandleForReading))
  }

  deinit { stop() }

  /// Waits for the first line of its output.
  /// - Throws: `Simulator.Broken` when it ends before that.
  func line() throws -> Data {
    let descriptor = parts.withLock { $0?.output.fileDescriptor ?? -1 }
    // Not through the file handle, which would wait until all requested bytes have come.
    var line = Data()
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) == 1 {
      if byte == UInt8(ascii: "\n") { return line }
      line.append(byte)
    }
    throw Simulator.Broken(description: "the simulator ended before it was ready")
  }

  func stop() {
    parts.withLock { parts in
      guard let running = parts.take() else { return }
      try? running.lifeline.close()
      // A program that a parallel test has started meanwhile may hold the lifeline too.
      running.process.terminate()
      running.process.waitUntilExit()
    }
  }
}
