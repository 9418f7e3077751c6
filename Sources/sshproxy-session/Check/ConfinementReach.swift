import SystemIO

/// What of the confinement this kernel takes, tried in child processes. It is no fault of the user's
/// where that is little, so it is told and not judged.
enum ConfinementReach {
  static func finding() -> Finding {
    let reach = Confinement.withinReach
    // `exec` keeps what the relay does.
    let streaming = words(reach.streaming, calls: "system calls", network: "network")
    let talking = words(reach.talking, calls: "programs", network: "TCP ports")
    return .green("relay and exec: \(streaming); talks with providers: \(talking)")
  }

  private static func words(
    _ extent: Confinement.Extent, calls: String, network: String
  ) -> String {
    var denied: [String] = []
    if extent.contains(.files) { denied.append("files") }
    if extent.contains(.network) { denied.append(network) }
    if extent.contains(.calls) { denied.append(calls) }
    var missing: [String] = []
    if !extent.contains(.files) {
      missing.append("Landlock")
    } else if !extent.contains(.network) {
      missing.append("Landlock for TCP (Linux 6.7)")
    }
    if !extent.contains(.calls) { missing.append("seccomp") }
    let first = denied.isEmpty ? "not confined" : "bars " + denied.joined(separator: ", ")
    return missing.isEmpty ? first : first + " (no \(missing.joined(separator: ", no ")))"
  }
}
