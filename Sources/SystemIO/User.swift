/// Users in the password file (passwd(5)). Not for a static executable, because glibc loads its name
/// services at run time.
public enum User {
  /// This process's user.
  public static var number: uid_t { geteuid() }

  /// The group of what it makes.
  public static var group: gid_t { getegid() }

  /// Who runs this program, whatever rights it has.
  /// - Returns: `nil` for a user without an entry.
  public static var name: String? { name(of: getuid()) }

  /// - Returns: `nil` for a user without an entry.
  public static func name(of user: uid_t) -> String? {
    getpwuid(user)?.pointee.pw_name.map { String(cString: $0) }
  }

  /// The home directory, which is the one that ssh itself uses.
  public static var home: String? {
    getpwuid(getuid())?.pointee.pw_dir.map { String(cString: $0) }
  }
}
