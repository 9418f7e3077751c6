public import SystemIO

/// An OpenSSH certificate (PROTOCOL.certkeys): a key, signed by an authority. Parsing checks only the
/// form; `checkUser`, `checkHost` and `verifySignature` decide whether it is valid.
public struct Certificate: Sendable {
  public enum Kind: UInt32, Sendable {
    case user = 1
    case host = 2
  }

  /// A critical option or an extension: its name and its value in wire format, often empty.
  public struct Option: Equatable, Sendable {
    public let name: String
    public let data: [UInt8]
  }

  /// The whole certificate in wire format.
  public let blob: [UInt8]
  /// The algorithm's name on the wire: `ssh-ed25519-cert-v01@openssh.com`.
  public let algorithm: String
  /// The authority's number for it.
  public let serial: UInt64
  public let kind: Kind
  /// The authority's name for the certificate. Untrusted text.
  public let keyID: String
  /// The logins, or host names, that the certificate is for.
  public let principals: [String]
  /// The first second of its validity; Unix seconds.
  public let validAfter: UInt64
  /// The first second after its validity; Unix seconds.
  public let validBefore: UInt64
  public let criticalOptions: [Option]
  public let extensions: [Option]
  /// The key that is certified.
  public let certifiedKey: PublicKey
  /// The key that signed it.
  public let authority: PublicKey

  let signed: ArraySlice<UInt8>
  let signature: [UInt8]

  /// `algorithm base64`, without comment and line end: the content of a `-cert.pub` file.
  public var line: String { "\(algorithm) \(Base64.encode(blob))" }

  /// - Parameter line: `algorithm base64 [comment]`, at most 16 KiB; one final line end is
  ///   accepted.
  /// - Throws: `.invalidResponse` unless it is one well-formed certificate of a known algorithm.
  public init(line: String) throws(Failure) {
    let (name, blob) = try KeyLine.parse(line, subject: "the certificate")
    try self.init(blob: blob)
    guard algorithm == name else {
      throw Failure(
        .invalidResponse, step: "read the certificate",
        "the certificate says \(name.sanitized(limit: 60)) and holds \(algorithm)")
    }
  }

  /// - Throws: `.invalidResponse`, as `init(line:)`.
  public init(blob: [UInt8]) throws(Failure) {
    var reader = WireReader(blob[...], subject: "the certificate")
    guard blob.count <= 16 * 1024 else { throw reader.malformed("is longer than 16 KiB") }
    algorithm = try reader.text()
    guard let keyKind = KeyAlgorithm(certificateName: algorithm) else {
      throw reader.malformed("is of an unknown kind, \(algorithm.sanitized(limit: 60))")
    }
    _ = try reader.string()  // The nonce.
    let fields = reader.rest
    try keyKind.checkFields(&reader)
    var key = WireWriter()
    key.string(keyKind.rawValue.utf8)
    key.raw(fields.prefix(fields.count - reader.rest.count))
    certifiedKey = try PublicKey(blob: key.bytes, subject: reader.subject)

    serial = try reader.uint64()
    guard let kind = Kind(rawValue: try reader.uint32()) else {
      throw reader.malformed("is for neither a user nor a host")
    }
    self.kind = kind
    keyID = try reader.text()
    principals = try Self.principals(in: try reader.string(), subject: reader.subject)
    validAfter = try reader.uint64()
    validBefore = try reader.uint64()
    criticalOptions = try Self.options(in: try reader.string(), subject: reader.subject)
    extensions = try Self.options(in: try reader.string(), subject: reader.subject)
    _ = try reader.string()  // Reserved.
    authority = try PublicKey(blob: Array(try reader.string()), subject: "the authority's key")
    signed = blob.prefix(blob.count - reader.rest.count)
    signature = Array(try reader.string())
    try reader.end()
    self.blob = blob
  }

  private static func principals(
    in bytes: ArraySlice<UInt8>, subject: String
  ) throws(Failure) -> [String] {
    var reader = WireReader(bytes, subject: subject)
    var names: [String] = []
    while !reader.isAtEnd {
      // SSHKEY_CERT_MAX_PRINCIPALS of OpenSSH.
      guard names.count < 256 else { throw reader.malformed("names more than 256 principals") }
      names.append(try reader.text())
    }
    return names
  }

  private static func options(
    in bytes: ArraySlice<UInt8>, subject: String
  ) throws(Failure) -> [Option] {
    var reader = WireReader(bytes, subject: subject)
    var options: [Option] = []
    while !reader.isAtEnd {
      let name = try reader.text()
      guard options.count < 64, !options.contains(where: { $0.name == name }) else {
        throw reader.malformed("has too many options, or one of them twice")
      }
      options.append(Option(name: name, data: Array(try reader.string())))
    }
    return options
  }
}
