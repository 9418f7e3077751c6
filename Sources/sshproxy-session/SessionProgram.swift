import ArgumentParser
import Configuration
public import Providers
import SystemIO

/// All that `sshproxy-session` is, but for the vendors that it knows.
public enum SessionProgram {
  /// - Parameters:
  ///   - words: the command line, without the program's name.
  ///   - vendors: in the order of the lists.
  /// - Returns: the exit status.
  public static func run(_ words: ArraySlice<String>, vendors: [Vendor]) -> Int32 {
    ignoreWriteSignals()
    StandardDescriptors.fillGaps()
    OwnProcess.forbidCoreFiles()
    OwnProcess.keepOwnersRights()
    // libcurl and OpenSSL would write the keys of our connections into the file that it names, and so
    // the API key for whoever records the wire. What we start does without it too: ssh has no use for
    // it.
    Environment.remove("SSLKEYLOGFILE")
    Installed.vendors = vendors
    do {
      try InstalledPrograms.takeVariables()
      var command = try Root.parseAsRoot(try ImpliedConnect.inserted(words))
      try command.run()
      try StandardDescriptors.flush()
      return ExitStatus.done.rawValue
    } catch {
      return Report.of(error)
    }
  }
}

/// The vendors that this program was started with.
enum Installed {
  // Written once, before the command line is looked at and while there is one thread.
  nonisolated(unsafe) fileprivate(set) static var vendors: [Vendor] = []

  static var facts: [VendorFacts] { vendors.map(\.facts) }

  /// An alias for the examples in the help.
  static var exampleAlias: String { exampleAliases.first ?? "NAME" }

  static var exampleAliases: [String] { facts.map(\.exampleAlias) }

  /// The vendors that have a list of machines.
  static var listing: [VendorFacts] { listing(vendors) }

  /// The same with the clouds that the configuration describes.
  static func listing(_ configuration: Configuration) -> [VendorFacts] {
    listing(configuration.vendors(besides: vendors))
  }

  private static func listing(_ vendors: [Vendor]) -> [VendorFacts] {
    vendors.filter { $0.withoutList == nil }.map(\.facts)
  }
}
