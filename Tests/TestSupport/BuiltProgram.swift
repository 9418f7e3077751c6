import Foundation

/// The programs of this package, which are built into the directory of the test bundle.
public enum BuiltProgram {
  public static let sshproxy = path(of: "sshproxy")
  public static let session = path(of: "sshproxy-session")

  /// Whether they are built without what is Linux's alone (Package.swift, SSHPROXY_PORTABLE).
  public static var isPortable: Bool {
    #if PORTABLE
      true
    #else
      false
    #endif
  }

  /// Whether they see the words of the ssh that calls them, and so the file of its `-F`, which all tests give.
  public static var seesCallers: Bool { !isPortable }

  public static func path(of name: String) -> String {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: bundle ?? "").deletingLastPathComponent().appending(path: name).path
  }
}
