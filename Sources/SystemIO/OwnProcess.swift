/// This process.
public enum OwnProcess {
  /// Its process id.
  public static var identifier: pid_t { getpid() }
  /// Who started it, or whoever looks after it since that has ended.
  public static var parent: pid_t { getppid() }

  /// The program's file, without links.
  /// - Returns: `nil` where the system does not tell: on Linux, without /proc.
  public static var program: String? {
    #if canImport(Darwin)
      var size = UInt32(PATH_MAX)
      var buffer = [CChar](repeating: 0, count: Int(size))
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
      return buffer.withUnsafeBufferPointer {
        $0.baseAddress.flatMap { resolvedPath(String(cString: $0)) }
      }
    #else
      return resolvedPath("/proc/self/exe")
    #endif
  }

  /// What brings us to the lowest priority (nice(2)).
  private static let background: Int32 = 19

  /// Goes on without the terminal, out of the directory in which it was called, behind whatever the user
  /// does.
  public static func goToBackground() {
    setsid()
    chdir("/")
    _ = nice(background)
  }

  /// What this process makes stays its owner's to open: a umask that takes rights from the owner too would
  /// shut us out of a directory of our own, whose mode cannot be changed where a talk is confined.
  public static func keepOwnersRights() { umask(umask(0o077) & ~0o700) }

  /// Forbids core files, in which a key could end up, for this process and its children (setrlimit(2)), and
  /// memory dumps of this process in any way: a `core_pattern` that is a pipe heeds no limit (core(5)).
  public static func forbidCoreFiles() {
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    #else
      let resource = RLIMIT_CORE
    #endif
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(resource, &none)
    csystem_forbid_dumps()
  }
}

/// The variables that this process was started with.
public enum Environment {
  /// - Returns: `nil` when there is no such variable.
  public static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// All of them.
  public static var variables: [String: String] {
    var result: [String: String] = [:]
    for entry in inheritedEnvironment {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
    }
    return result
  }

  /// For us and whatever we start.
  public static func remove(_ name: String) { unsetenv(name) }
}

/// The environment as `NAME=value` texts.
public var inheritedEnvironment: [String] {
  var result: [String] = []
  guard var next = csystem_environment() else { return [] }
  while let entry = next.pointee {
    result.append(String(cString: entry))
    next += 1
  }
  return result
}

/// The memory that this process occupies.
public enum ResidentMemory {
  /// Gives back what only the start-up has used: pages with code and constants, of this program and
  /// its libraries, and freed memory. For a program that is about to do one thing for hours. Pages
  /// that are needed again are loaded by the kernel, usually from its cache.
  public static func releaseStartUp() {
    #if os(Linux) && !PORTABLE
      csystem_release_code()
    #endif
  }
}

/// A bound on the memory that this process may still take.
public enum MemoryLimit {
  /// In bytes, with libraries' data and stacks.
  public static let bytes = 256 << 20

  /// From now on an allocation beyond the bound fails (RLIMIT_DATA), and most programs end by that:
  /// a net below the bounds that are counted. Nothing where the system has no such limit.
  public static func set() {
    #if os(Linux) && !PORTABLE
      _ = csystem_limit_memory(bytes)
    #endif
  }
}

/// Memory of malloc(3)'s.
public enum HeapBlock {
  /// What a block has room for, in bytes: at least what was asked for.
  public static func usableSize(_ block: UnsafeMutableRawPointer) -> Int {
    csystem_usable_size(block)
  }
}

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

  /// The home directory in the password file, which is the one that ssh itself uses.
  public static var home: String? {
    getpwuid(getuid())?.pointee.pw_dir.map { String(cString: $0) }
  }
}
