import Foundation

/// The certificates of Dedalus's two authorities, good and bad.
extension Simulator {
  /// - Returns: `nil` where the scenario wants none.
  func userCertificate(for session: DedalusSession, until expires: Date) throws -> String? {
    var publicKey = session.publicKey
    var principals = ["-n", session.login]
    var kind: [String] = []
    // ssh-keygen reads `YYYYMMDDHHMMSSZ` as UTC.
    var validity = "\(Self.stamp(Date() - 60)):\(Self.stamp(expires))"
    switch scenario.string("dedalus.certificate") {
    case "none": return nil
    case "other_key": publicKey = try KeyFiles.publicText(setting.keys.otherAuthority)
    case "host": kind = ["-h"]
    case "expired": validity = "-2h:-1h"
    case "not_yet": validity = "+1h:+2h"
    case "other_principal": principals = ["-n", "somebody"]
    case "no_principal": principals = []
    default: break
    }
    return try setting.keys.certify(publicKey, options: principals + kind + ["-V", validity])
  }

  /// Makes the host certificates that the scenario wants.
  func certifyDedalusHost() throws {
    let keys = setting.keys
    let principals = scenario.string("dedalus.host_principals")
    switch scenario.string("dedalus.host_certificate") {
    case "none":
      for type in keys.hostKeyTypes {
        let file = keys.hostKey(.dedalus, type).path + "-cert.pub"
        try? FileManager.default.removeItem(atPath: file)
      }
    case "expired":
      try keys.certifyHost(by: keys.hostAuthority, principals: principals, validity: "-2h:-1h")
    case "other_authority":
      try keys.certifyHost(by: keys.otherAuthority, principals: principals, validity: "-1h:+52w")
    default:
      try keys.certifyHost(by: keys.hostAuthority, principals: principals, validity: "-1h:+52w")
    }
  }

  private static func stamp(_ date: Date) -> String {
    Timestamp.seconds(date).filter { $0.isNumber } + "Z"
  }
}
