/// Resolves host names (getaddrinfo(3)). Not for a static executable, because glibc loads its name
/// services at run time.
public enum NameLookup {
  /// The most addresses that are kept of a name: more than any host has, and few enough for a record.
  public static let most = 16

  /// The addresses of a host, in the system's order of preference (RFC 6724).
  ///
  /// The C library's lookup cannot be cancelled, so it runs on a thread of its own; when nobody waits
  /// for it any more, it ends with the process. An unknown name is looked up again until the
  /// deadline: the DNS may not know a new endpoint yet.
  /// - Parameter lookups: until when a lookup that has begun may go on, if that is later.
  /// - Returns: at least one, at most `most`.
  /// - Throws: `.temporary` at the deadline, with the last lookup's error as its cause; `.cancelled`;
  ///   `.inputOutput` where no thread or descriptor is to be had.
  public static func addresses(
    of host: String, port: UInt16, until deadline: Moment, lookups: Moment? = nil,
    caller: HangUpMonitor
  ) throws(Failure) -> [SocketAddress] {
    var backoff = Backoff(first: 200, most: 3000)
    var reason: Failure.Cause?
    while true {
      let found = try find(host, port, until: lookups ?? deadline, caller)
      if !found.addresses.isEmpty { return found.addresses }
      // A lookup that the deadline cuts short does not say what was wrong.
      reason = found.reason ?? reason
      let next = Moment.now + backoff.next()
      guard next < deadline else {
        throw Failure(
          .temporary, step: "look up \(host.sanitized(limit: 100))",
          "no address was found in time" + (reason.map { " (\(text(of: $0)))" } ?? ""),
          hint: "check this computer's network and DNS, and run it again", cause: reason)
      }
      try caller.sleep(until: next)
    }
  }

  /// Whether a name is known not to exist, by a single lookup: `false` where nobody could be asked, and
  /// at the deadline.
  /// - Throws: `.cancelled`, and `.inputOutput` as `addresses`.
  public static func isUnknown(
    _ host: String, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> Bool {
    guard SocketAddress(host: host, port: 1) == nil else { return false }
    return try Lookup.result(host, until: deadline, caller: caller)?.reason == .lookup(EAI_NONAME)
  }

  /// The addresses of a host, as `addresses` gives them, but by a single lookup.
  /// - Returns: none where the name is unknown, or the deadline comes first.
  /// - Throws: `.cancelled`, and `.inputOutput` as `addresses`.
  public static func addressesAtOnce(
    of host: String, port: UInt16, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> [SocketAddress] {
    try find(host, port, until: deadline, caller).addresses
  }

  private static func find(
    _ host: String, _ port: UInt16, until deadline: Moment, _ caller: HangUpMonitor
  ) throws(Failure) -> (addresses: [SocketAddress], reason: Failure.Cause?) {
    if let address = SocketAddress(host: host, port: port) { return ([address], nil) }
    guard let found = try Lookup.result(host, until: deadline, caller: caller) else {
      return ([], nil)
    }
    let addresses = found.hosts.lazy.compactMap { SocketAddress(found: $0, port: port) }
    return (Array(addresses.prefix(most)), found.reason)
  }

  /// The C library's text for the reason of a failed lookup (gai_strerror(3)).
  private static func text(of reason: Failure.Cause) -> String {
    switch reason {
    case .system(let number): return Failure.text(of: number)
    case .lookup(let code):
      return gai_strerror(code).map { Failure.inSentence(String(cString: $0)) } ?? "error \(code)"
    default: return ""
    }
  }
}

/// What one lookup has found.
private struct Lookup {
  /// Why there is no address; `nil` where there is one.
  var reason: Failure.Cause?
  var hosts: [String] = []

  /// - Returns: `nil` at the deadline.
  static func result(
    _ host: String, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> Lookup? {
    try BlockingCall { lookUp(host) }.result(until: deadline, caller: caller)
  }

  private static func lookUp(_ host: String) -> Lookup {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = socketStreamType
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else {
      return Lookup(reason: code == EAI_SYSTEM ? .system(errno) : .lookup(code))
    }
    defer { freeaddrinfo(list) }
    var result: [String] = []
    var next = list
    while let entry = next {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
        NI_NUMERICHOST) == 0
      {
        result.append(String(filled: text))
      }
      next = entry.pointee.ai_next
    }
    return Lookup(hosts: result)
  }
}
