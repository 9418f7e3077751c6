import Foundation

/// What Daytona answers: a sandbox's state, and a token that is the login name.
extension ScriptedProvider {
  /// What its tokens begin with: by it they are found where they should not be.
  static let daytonaToken = "dtnT0ken0fDayt0na"

  static func sandbox(_ state: String, id: String = "sb1", name: String = "box") -> String {
    #"{"id":"\#(id)","name":"\#(name)","state":"\#(state)"}"#
  }

  /// A new token ends those that its sandbox had.
  func daytonaAccess() -> String {
    for old in openSessions where old.hasPrefix(Self.daytonaToken) { forget(old) }
    return Self.access(newSession(Self.daytonaToken), port: endpointPort)
  }

  /// - Parameter expires: seconds from now.
  private static func access(_ token: String, port: UInt16, expires: Double = 3600) -> String {
    """
    {"id":"access-1","sandboxId":"sb1","token":"\(token)","expiresAt":"\(time(expires))",\
    "createdAt":"\(time(0))","sshCommand":"ssh -p \(port) \(token)@127.0.0.1"}
    """
  }
}
