/// The rights that a process gives up for the rest of its life once it no longer needs them, so that an
/// attacker who takes it over later does not have them either. On Linux, by Landlock and seccomp, which
/// need no privilege; where the kernel lacks one or both, less is given up, and nothing fails.
public enum Confinement {
  /// What the kernel has taken.
  public struct Extent: OptionSet, Sendable {
    /// As CSystem has the bits.
    public let rawValue: Int32
    /// - Parameter rawValue: as CSystem has the bits.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// All system calls but a few are denied.
    public static let calls = Extent(rawValue: Int32(CSYSTEM_CALLS_FILTERED))
    /// All files but a few are.
    public static let files = Extent(rawValue: Int32(CSYSTEM_FILES_FENCED))
    /// All TCP connections but a few are.
    public static let network = Extent(rawValue: Int32(CSYSTEM_NETWORK_FENCED))
  }

  /// What is left to a process that talks to providers.
  public struct Places {
    /// Files and directories that may be read, with all that is below them.
    public var readable: [String]
    /// The same for those that may be changed, too.
    public var writable: [String]
    /// TCP ports to connect to; `nil` for any.
    public var ports: [UInt16]?
    /// The home directory, which no rule may open as a whole.
    public var home: String

    /// - Parameters: see the properties; the paths are absolute.
    public init(readable: [String], writable: [String], ports: [UInt16]?, home: String) {
      self.readable = readable
      self.writable = writable
      self.ports = ports
      self.home = home
    }
  }

  /// Leaves nothing but moving bytes between the descriptors that are open.
  @discardableResult
  public static func toStreaming() -> Extent {
    #if os(Linux) && !PORTABLE
      return apply(calls: CSYSTEM_STREAMING) { _ in }
    #else
      return []
    #endif
  }

  /// Leaves some files and ports, and no way to run a program.
  @discardableResult
  public static func to(_ places: Places) -> Extent {
    #if os(Linux) && !PORTABLE
      return apply(calls: CSYSTEM_NO_PROGRAMS, fencesNetwork: places.ports != nil) { fence in
        csystem_fence_allow_libraries(fence, places.home)
        for path in places.readable { csystem_fence_allow(fence, path, 0) }
        for path in places.writable { csystem_fence_allow(fence, path, 1) }
        for port in places.ports ?? [] { csystem_fence_allow_port(fence, Int32(port)) }
      }
    #else
      return []
    #endif
  }

  /// What the kernel would take of both, tried in child processes.
  public static var withinReach: (streaming: Extent, talking: Extent) {
    #if os(Linux) && !PORTABLE
      func reach(_ calls: Int) -> Extent {
        Extent(rawValue: csystem_confinement_within_reach(Int32(calls)))
      }
      return (reach(CSYSTEM_STREAMING), reach(CSYSTEM_NO_PROGRAMS))
    #else
      return ([], [])
    #endif
  }
}

#if os(Linux) && !PORTABLE
  /// - Parameter allow: gets the fence while it is open.
  private func apply(
    calls: Int, fencesNetwork: Bool = true, _ allow: (Int32) -> Void
  ) -> Confinement.Extent {
    var extent = Confinement.Extent()
    #if DEBUG
      let wanted = EscapeAttempt.wantedExtent
    #else
      let wanted: Confinement.Extent = [.calls, .files]
    #endif
    if wanted.contains(.files) {
      let fence = csystem_fence_begin(fencesNetwork ? 1 : 0)
      if fence >= 0 {
        allow(fence)
        extent.formUnion(.init(rawValue: csystem_fence_close(fence)))
        if !fencesNetwork { extent.remove(.network) }
      }
    }
    // Last, because it denies the calls that the fence is made with.
    if wanted.contains(.calls) {
      extent.formUnion(.init(rawValue: csystem_filter_calls(Int32(calls))))
    }
    #if DEBUG
      EscapeAttempt.runIfWanted()
    #endif
    return extent
  }
#endif
