public import OpenSSH
public import SessionRecord
import SystemIO

/// Connections that several logins share (`multiplex`): where ssh's first process, the master, listens for
/// the others. Each session has a place of its own, so that a new one never uses an old one's master.
///
/// A session whose login name is a secret has none: the name is a part of the path, which `ps` shows.
public enum SharedConnection {
  /// The folder in the state directory.
  static let folder = "mux"
  /// In bytes: a socket's path has 108 with its NUL (unix(7)), and ssh binds it with a dot and sixteen
  /// letters behind, which it then takes off.
  static let longest = 107 - 17
  /// In bytes, of a login name that the session leaves to the user. Few are longer; with one that finds no
  /// room, ssh says that its ControlPath is too long.
  static let longestLogin = 24

  /// The path of a session's masters without the login, which ssh appends to it (`Setting.Form.pathOfLogin`).
  /// - Parameters:
  ///   - directory: the absolute path of the session's directory.
  ///   - login: the only one that it has; `nil` when it can be another one for each ssh.
  /// - Returns: `nil` when the path would be too long for a socket.
  static func path(directory: String, login: String?) -> String? {
    let parts = directory.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 3, let name = parts.last else { return nil }
    let state = parts.dropLast(3).joined(separator: "/")
    return path(state: state, session: String(name), login: login)
  }

  /// The place of a session's master, as ssh is told it; on either route.
  /// - Parameter login: the master's.
  public static func setting(of stored: StoredSession, login: String) -> Setting? {
    path(directory: stored.directory, login: login).map { Setting(.controlPath, $0) }
  }

  private static func path(state: String, session: String, login: String?) -> String? {
    let path = "\(state)/\(folder)/\(tail(of: session))"
    let room = longest - (login?.utf8.count ?? longestLogin) - "-".utf8.count
    return path.utf8.count <= room ? path : nil
  }

  /// What is wrong where there is no room for any session's socket; `nil` where there is.
  /// - Parameter state: the absolute path of the state directory.
  public static func problem(state: String) -> String? {
    guard path(state: state, session: "0-zzzzzzz", login: nil) == nil else { return nil }
    return "connections may not be shared: \(state.sanitized()) is too long for ssh's sockets in it"
  }

  /// What to do where there is no room.
  public static let hint =
    "set XDG_STATE_HOME to a shorter path, and run `sshproxy setup` again"

  /// The random part of a session's name, which no other session has that lives at the same time.
  private static func tail(of session: String) -> Substring {
    session.split(separator: "-").last ?? Substring(session)
  }

  /// The logins of a session's masters, each of which has a socket.
  public static func logins(
    of session: String, in state: borrowing StateDirectory
  ) -> [String] {
    guard
      let place = try? PrivateDirectory(opening: folder, in: state.directory.descriptor.number),
      let names = try? place.names()
    else { return [] }
    let start = tail(of: session) + "-"
    return names.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
  }

  /// Takes a session's sockets away, so that no ssh finds them: a master then ends by itself.
  static func remove(of session: String, in state: borrowing StateDirectory) {
    for login in logins(of: session, in: state) {
      state.directory.remove("\(folder)/\(tail(of: session))-\(login)")
    }
  }
}

extension Session {
  /// The further settings, with the place of its shared connections where there is room for one.
  /// - Parameters:
  ///   - directory: the absolute path of the session's directory.
  ///   - login: the only one that it has, if it has only one.
  func furtherSettings(_ directory: String, login: String?) -> [Setting] {
    guard options.contains(where: { $0.keyword == .controlPersist }) else { return options }
    guard let path = SharedConnection.path(directory: directory, login: login) else {
      return options.filter { $0.keyword != .controlPersist && $0.keyword != .controlMaster }
    }
    return options + [Setting(.controlPath, path)]
  }
}
