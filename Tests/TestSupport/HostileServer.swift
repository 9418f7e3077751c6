import Foundation

/// `scripts/support/hostile-server.py`: an SSH server on loopback that lets everybody in, and
/// misbehaves as the login name and the command say.
public final class HostileServer: @unchecked Sendable {
  // Only asked whether it has started; the tests' threads share nothing else of it.
  private let input: OpenPipe
  private let program: RunningProgram
  public let port: UInt16
  /// As known hosts have it: the algorithm, and the key in base64.
  public let keyLine: String

  public init() throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "scripts/support/hostile-server.py")
    input = try OpenPipe()
    program = try RunningProgram(
      "/usr/bin/python3", [script.path], environment: ["PATH": "/usr/bin:/bin"],
      input: input.source)
    let running = program
    guard eventually({ running.output.hasSuffix("\n") }),
      case let words = running.output.split(whereSeparator: \.isWhitespace), words.count >= 3,
      let port = UInt16(words[0])
    else {
      throw Unexpected(
        "the hostile server does not start (python3-asyncssh?): \(running.errors)")
    }
    self.port = port
    keyLine = "\(words[1]) \(words[2])"
  }
}
