import Foundation
import TestSupport

/// What the machine's SSH port does to a connection.
enum EndpointManner: Sendable {
  /// Greets, and then says back what it hears until that ends.
  case echo
  case silent
  case hangUp
  case reset
  case script(ScriptedServer.Script)

  /// What a greeting server says first.
  static let banner = "SSH-2.0-fault\r\n"

  var script: ScriptedServer.Script {
    switch self {
    case .echo:
      return { connection, _ in
        connection.write(Self.banner)
        while case let bytes = connection.read(), !bytes.isEmpty { connection.write(bytes) }
      }
    case .silent: return { connection, _ in _ = connection.readAll(within: 60) }
    case .hangUp: return { _, _ in }
    case .reset: return { connection, _ in connection.reset() }
    case .script(let script): return script
    }
  }
}
