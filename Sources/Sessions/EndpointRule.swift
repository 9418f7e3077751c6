public import Configuration
public import SystemIO

/// Where a provider's answer may lead.
///
/// ssh gives a jump host to another ssh, whose configuration leads back to us where the host is one of our
/// aliases: such an answer would fill the computer with processes, and use keys of other vendors. And a
/// host on this computer would be logged in to with the user's own key.
public struct EndpointRule: Sendable, Equatable {
  /// What our aliases end in, each with its dot; also the suffixes that the configuration has replaced,
  /// which ssh asks for until `setup` is run again.
  private let suffixes: [String]
  private let names: Set<String>
  /// Whether hosts on this computer and its own link may be named.
  public let allowsLocal: Bool
  /// Whether the endpoint is the user's own word, and not an answer.
  private let isUsersOwn: Bool

  init(suffixes: [String], names: [String], allowsLocal: Bool, isUsersOwn: Bool = false) {
    self.suffixes = suffixes
    self.names = Set(names)
    self.allowsLocal = allowsLocal
    self.isUsersOwn = isUsersOwn
  }

  /// How long the lookup of a host may take that another program looks up again by itself, in milliseconds.
  private static let timeout = 2000

  /// - Throws: `.invalidResponse` when the endpoint or a jump host is one of our aliases, in letters of either
  ///   case, or is local where that is not allowed.
  public func check(_ session: Session) throws(Failure) {
    guard !isUsersOwn else { return }
    let hops = session.jump ?? []
    for host in [session.endpoint.host] + hops.map(\.host) {
      let name = host.lowercased()
      guard !names.contains(name), !suffixes.contains(where: { name.hasSuffix($0) }) else {
        throw Failure(
          .invalidResponse, step: Self.step,
          "the answer leads to \(host.sanitized(limit: 80)), which is an alias of this computer's own",
          hint: "look at the machine at the provider; suffixes and [hosts] are in config.toml")
      }
      guard !allowsLocal else { continue }
      let isLocal =
        SocketAddress(host: host, port: 22)?.isOfThisComputer
        ?? (name == "localhost" || name.hasSuffix(".localhost"))
      guard !isLocal else { throw Self.local(host) }
    }
    // ssh would record the key of the second under its own name, and whoever has the first can be any host.
    guard hops.count <= 1 else {
      throw Failure(
        .invalidResponse, step: Self.step,
        "the answer leads through \(hops.count) hosts, of which only one could prove who it is",
        hint: "log in to the machine by a ProxyJump of your own")
    }
  }

  /// - Parameter addresses: what the host's name has been resolved to.
  /// - Throws: `.invalidResponse` when one of them is local and that is not allowed.
  public func check(_ addresses: [SocketAddress], of host: String) throws(Failure) {
    guard !isUsersOwn, !allowsLocal else { return }
    guard !addresses.contains(where: \.isOfThisComputer) else { throw Self.local(host) }
  }

  /// Looks up what is dialled for a session, and checks it.
  /// - Parameters:
  ///   - through: what connections go through.
  ///   - lookups: until when a lookup that has begun may go on, if that is later.
  /// - Returns: the addresses of the endpoint, or of the proxy that connects to it; none where another program
  ///   connects and looks the name up by itself: ssh, to a jump host, or a command.
  /// - Throws: as `check` and `NameLookup.addresses`.
  public func addresses(
    of session: Session, through: ThroughSetting?, until deadline: Moment, lookups: Moment? = nil,
    caller: HangUpMonitor
  ) throws(Failure) -> [SocketAddress] {
    guard session.jump == nil else {
      try checkJump(of: session, until: deadline, caller: caller)
      return []
    }
    if let through {
      try check(nameOf: session.endpoint.host, until: deadline, caller: caller)
      guard let proxy = through.proxy else { return [] }
      return try NameLookup.addresses(
        of: proxy.host, port: proxy.port, until: deadline, lookups: lookups, caller: caller)
    }
    let found: [SocketAddress]
    do throws(Failure) {
      found = try NameLookup.addresses(
        of: session.endpoint.host, port: session.endpoint.port, until: deadline, lookups: lookups,
        caller: caller)
    } catch {
      var failure = error
      if error.kind == .temporary { failure.hint = Through.hint ?? error.hint }
      throw failure
    }
    try check(found, of: session.endpoint.host)
    return found
  }

  /// Looks up the jump host that ssh connects to from this computer. What has no address is left to ssh,
  /// whose configuration may know the name.
  /// - Throws: as `check`, `.cancelled`.
  func checkJump(
    of session: Session, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    guard let hop = session.jump?.first else { return }
    try check(nameOf: hop.host, until: deadline, caller: caller)
  }

  /// Looks up a host to which another program connects: ssh, or a proxy, which may be on this computer and
  /// so lead to it. That program looks the name up by itself, too: what has no address here is left to it.
  /// - Throws: as `check`, `.cancelled`.
  func check(nameOf host: String, until deadline: Moment, caller: HangUpMonitor) throws(Failure) {
    guard !isUsersOwn, !allowsLocal else { return }
    let limit = min(deadline, Moment.now + Self.timeout)
    try check(
      try NameLookup.addressesAtOnce(of: host, port: 22, until: limit, caller: caller), of: host)
  }

  private static let step = "check the answer"

  private static func local(_ host: String) -> Failure {
    Failure(
      .invalidResponse, step: step,
      "the answer leads to \(host.sanitized(limit: 80)), which is on this computer or its own link",
      hint: "where that is meant, write allow_local = true into the provider's table of config.toml"
    )
  }
}

extension Configuration {
  /// Where answers about this target may lead. A program of the user's own may name local hosts; a fixed
  /// host is the user's own word.
  /// - Throws: `.configuration` when the base URL cannot be used.
  public func endpointRule(for target: Target) throws(Failure) -> EndpointRule {
    EndpointRule(
      suffixes: vendors.flatMap { ["." + suffix(of: $0.kind), "." + $0.suffix] },
      names: hostNames,
      allowsLocal: target.provider.isVendor ? try allowsLocal(of: target.provider) : true,
      isUsersOwn: target.provider == .static)
  }
}
