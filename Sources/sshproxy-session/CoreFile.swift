import SystemIO

/// Core files, in which an API key or a private key could end up.
enum CoreFile {
  /// Forbids core files for this process and its children (setrlimit(2)), and memory dumps of this
  /// process in any way: a `core_pattern` that is a pipe heeds no limit (core(5)).
  static func forbid() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(resource, &none)
    csystem_forbid_dumps()
  }

  #if canImport(Glibc)
    private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_CORE.rawValue) }
  #else
    private static var resource: Int32 { RLIMIT_CORE }
  #endif
}
