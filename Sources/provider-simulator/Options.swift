/// The words of the command line.
struct Options {
  var port: UInt16 = 0
  var directory: String?
  var userPublicKey: String?
  var log: String?
  var publicURL: String?
  var lifeline = false
  var rsa = false
  var authority = "ed25519"
  var help = false

  /// - Throws: `Misuse` for a word that cannot be used.
  init(_ words: [String]) throws {
    var rest = words[...]
    func value(_ option: String) throws -> String {
      guard let value = rest.popFirst() else { throw Misuse("\(option) wants a value") }
      return value
    }
    while let word = rest.popFirst() {
      switch word {
      case "--port":
        let text = try value(word)
        guard let number = UInt16(text) else { throw Misuse("no port: \(text)") }
        port = number
      case "--directory": directory = try value(word)
      case "--user-public-key": userPublicKey = try value(word)
      case "--log": log = try value(word)
      case "--public-url": publicURL = try value(word)
      case "--authority":
        authority = try value(word)
        guard ["ed25519", "ecdsa", "rsa"].contains(authority) else {
          throw Misuse("an authority is ed25519, ecdsa or rsa")
        }
      case "--lifeline": lifeline = true
      case "--rsa": rsa = true
      case "--help", "-h": help = true
      default: throw Misuse("unknown option \(word)")
      }
    }
  }

  /// What `--help` prints: options, control requests, and every switch with its standard value.
  static var usage: String {
    let switches = Switch.all.map { one in
      let choices = one.choices.isEmpty ? "" : " (\(one.choices.joined(separator: "|")))"
      return "  \(one.name) = \(one.standard.text)\(choices)\n      \(one.help)"
    }
    return """
      usage: provider-simulator [options]

      Plays the HTTP APIs of these on one port of 127.0.0.1, with a real sshd behind each, and prints
      one line of JSON when everything answers:
        \(SimulatedVendor.all.map(\.title).joined(separator: ", "))

      OPTIONS
        --port N                port of the APIs (default: any)
        --directory DIR         where keys, logs and env.sh go, and stay (default: a temporary
                                folder, removed at the end)
        --user-public-key FILE  the key that rented machines and the plain sshd accept (default:
                                DIR/user_key, made afresh)
        --public-url URL        the URL in answers, where something like stunnel stands in front
        --authority TYPE        ed25519, ecdsa or rsa: the type of Dedalus's authorities
        --rsa                   RSA host keys besides Ed25519 and ECDSA ones
        --log FILE              a line for each request
        --lifeline              end when stdin does

      CONTROL
        POST /_simulator/scenario  {"switch": value, …}, merged into what holds
        POST /_simulator/reset     the standard scenario; sessions and recorded requests forgotten
        POST /_simulator/forget    {"session_id": …}: the provider drops a session, or a token
        GET  /_simulator/requests  [{"method", "path", "query", "headers", "body", "status",
                                "time_ms", "duration_ms"}]
        GET  /_simulator/state     sessions with their logins and ports

      SWITCHES, with their standard values
      \(switches.joined(separator: "\n"))

      FAULTS: "faults": [{…}], the first whose method and path match is used
        method, path (a regular expression), times (1; -1: always), delay_ms
        status, headers, content_type, body: answered instead; carry_out: true has the request take
        effect all the same
        replace_fields {"a.b": value}, remove_fields ["a.b"]: changes to the normal answer ("a.0.b":
        in a list)
        cut_after N: the connection ends after N bytes of the body; drip_ms: it comes byte by byte
      """
  }
}
