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
  /// - Returns: at least one, at most `most`.
  /// - Throws: `.temporary` at the deadline, `.cancelled`.
  public static func addresses(
    of host: String, port: UInt16, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> [SocketAddress] {
    var backoff = Backoff(first: 200, most: 3000)
    while true {
      let addresses = try addressesAtOnce(of: host, port: port, until: deadline, caller: caller)
      if !addresses.isEmpty { return addresses }
      let next = Moment.now + backoff.next()
      guard next < deadline else {
        throw Failure(
          .temporary, step: "look up \(host.sanitized(limit: 100))", "no address was found in time",
          hint: "check this computer's network and DNS, and run it again")
      }
      try caller.sleep(until: next)
    }
  }

  /// The same by a single lookup.
  /// - Returns: none where the name is unknown, or the deadline comes first.
  /// - Throws: `.cancelled`.
  public static func addressesAtOnce(
    of host: String, port: UInt16, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> [SocketAddress] {
    if let address = SocketAddress(host: host, port: port) { return [address] }
    let found = try Lookup(host).result(until: deadline, caller: caller)
    return Array(found.lazy.compactMap { SocketAddress(host: $0, port: port) }.prefix(most))
  }
}

/// One lookup, on a thread of its own.
private final class Lookup {
  /// Shared by the thread and the one who waits; the last of them frees it. Unchecked, because no
  /// lock guards it: the thread writes before it closes the pipe, the other reads only after that.
  private final class Shared: @unchecked Sendable {
    var hosts: [String] = []
    let host: String
    var done: Descriptor?

    init(_ host: String, _ done: consuming Descriptor) {
      self.host = host
      self.done = consume done
    }
  }

  private let shared: Shared
  private let ended: Descriptor

  init(_ host: String) throws(Failure) {
    let pipe = try reportingFailure { () throws(SystemError) in try Pipe() }
    let done = try reportingFailure { () throws(SystemError) in try pipe.writing.duplicated() }
    shared = Shared(host, done)
    ended = pipe.intoReading()
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(shared)
    let result = pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        let shared = Unmanaged<Shared>.fromOpaque(raw).takeRetainedValue()
        shared.hosts = Lookup.lookUp(shared.host)
        shared.done = nil
        return nil
      }, argument.toOpaque())
    guard result == 0 else {
      argument.release()
      throw SystemError("start a thread", number: result).failure
    }
    pthread_detach(thread)
  }

  func result(until deadline: Moment, caller: HangUpMonitor) throws(Failure) -> [String] {
    var items = [pollfd(fd: ended.number, events: Int16(POLLIN), revents: 0)]
    return try caller.wait(for: &items, until: deadline) ? shared.hosts : []
  }

  private static func lookUp(_ host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = socketStreamType
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var result: [String] = []
    var next = list
    while let entry = next {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
        NI_NUMERICHOST) == 0
      {
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        result.append(String(decoding: bytes, as: UTF8.self))
      }
      next = entry.pointee.ai_next
    }
    return result
  }
}
