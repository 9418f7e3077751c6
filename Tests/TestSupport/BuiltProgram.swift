import Foundation

/// The programs of this package, which are built into the directory of the test bundle.
public enum BuiltProgram {
  public static let sshproxy = path(of: "sshproxy")
  public static let session = path(of: "sshproxy-session")

  public static func path(of name: String) -> String {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: bundle ?? "").deletingLastPathComponent().appending(path: name).path
  }
}
