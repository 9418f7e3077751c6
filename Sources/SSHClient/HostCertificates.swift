internal import OpenSSH
internal import SystemIO

/// The certificates of one host: fetched when they are first needed, and kept by whoever asked.
public final class HostCertificates {
  private var known: [Certificate]
  private var isFresh = false
  private let keep: (String) -> Void

  /// - Parameters:
  ///   - text: what was kept before, a certificate a line.
  ///   - keep: keeps the text of new ones, so that the next login need not ask; where it cannot, that one asks.
  public init(kept text: String?, keep: @escaping (String) -> Void) {
    known = Self.parse(text ?? "")
    self.keep = keep
  }

  var areAtHand: Bool { !known.isEmpty }

  func atHand(_ scan: HostCertificateScan) throws(Failure) -> [Certificate] {
    known.isEmpty ? try renewed(scan) : known
  }

  /// Asks the server, until it has shown one: before its first byte it may not have been awake.
  func renewed(_ scan: HostCertificateScan) throws(Failure) -> [Certificate] {
    guard !isFresh else { return known }
    known = Self.parse(try scan.run())
    isFresh = !known.isEmpty
    if !known.isEmpty { keep(known.map { $0.line + "\n" }.joined()) }
    return known
  }

  private static func parse(_ text: String) -> [Certificate] {
    text.split(separator: "\n").compactMap { try? Certificate(line: String($0)) }
  }
}

/// Asks a server for its host certificates, with `ssh-keyscan -c`: libssh2 cannot negotiate them.
struct HostCertificateScan {
  let address: SocketAddress
  let deadline: Moment
  let caller: HangUpMonitor

  /// The longest that ssh-keyscan waits for the server, in seconds.
  private static let timeout = 10

  /// - Returns: a certificate a line, as `algorithm base64`; none when the server has none.
  /// - Throws: `.internalError` when there is no ssh-keyscan, `.temporary` at the deadline, `.cancelled`.
  func run() throws(Failure) -> String {
    let seconds = min(Self.timeout, max(1, deadline.remaining / 1000))
    let words = [
      "ssh-keyscan", "-c", "-T", String(seconds), "-p", String(address.port), "--", address.host,
    ]
    // It tells on standard error what it does.
    let conversation = Conversation(
      path: "ssh-keyscan", arguments: words, environment: environment, limit: 64 * 1024,
      errors: .nowhere)
    let output: [UInt8]
    do throws(Failure) {
      output = try conversation.run(input: .nothing, until: deadline, caller: caller).output
    } catch {
      guard error.number == ENOENT else { throw error }
      throw Failure(
        .internalError, step: "fetch the host certificate", "ssh-keyscan is not installed",
        hint: "install OpenSSH's client, for example by `apt-get install openssh-client`")
    }
    // Up to 9.2 at least, certificates are printed without the host's name in front.
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    return lines.compactMap { line in
      let words = line.split(separator: " ").suffix(2)
      return words.count == 2 ? words.joined(separator: " ") : nil
    }.joined(separator: "\n")
  }

  /// The child needs no key of a provider's.
  private var environment: [String] {
    inheritedEnvironment.filter { $0.hasPrefix("PATH=") }
  }
}
