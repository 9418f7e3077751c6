/// One kind of bad input, and what has to be said of it.
struct BadInput: Sendable {
  var name: String
  var alias = "sb1.prime"
  /// A scenario of the simulator; `""` for the standard one.
  var scenario = ""
  var environment: [String: String] = [:]
  /// config.toml, in front of the names that every case has.
  var configuration = ""
  /// The permissions that the state directory is given.
  var stateMode: Int?
  var status: Int32
  /// What the error line says, beside the alias.
  var cause: String
  /// Whether ssh itself takes the alias before it asks us.
  var reachesUs = true
}

extension BadInput {
  static let all = names + keys + answers + prime + dedalus + tensorpool + transport + files

  private static let names = [
    BadInput(
      name: "unknown suffix", alias: "sb1.prim", status: 68, cause: "no machine is known",
      reachesUs: false),
    BadInput(
      name: "unknown name", alias: "nowhere", status: 68, cause: "no machine is known",
      reachesUs: false),
    BadInput(
      name: "no Dedalus id", alias: "abc.dedalus", status: 64, cause: "not the id of a Dedalus"),
    BadInput(name: "two dots", alias: "a..b.prime", status: 64, cause: "alias"),
    BadInput(
      name: "shell characters", alias: "a;b.prime", status: 64, cause: "alias", reachesUs: false),
    BadInput(
      name: "an escape sequence", alias: "a\u{1b}[31m.prime", status: 64, cause: "alias",
      reachesUs: false),
    BadInput(
      name: "too long", alias: String(repeating: "a", count: 250) + ".prime", status: 64,
      cause: "alias"),
    BadInput(
      name: "unknown sandbox", alias: "nothere.prime", status: 68, cause: "knows no such machine"),
    BadInput(
      name: "unknown machine", alias: "dm-nothere.dedalus", status: 68,
      cause: "knows no such machine"),
    BadInput(
      name: "unknown instance", alias: "nothere.tensorpool", status: 68,
      cause: "Instance not found"),
  ]

  private static let keys = [
    BadInput(
      name: "no key", environment: ["PRIME_API_KEY": ""], status: 77, cause: "there is no API key"),
    BadInput(
      name: "refused key", environment: ["PRIME_API_KEY": "wrong"], status: 77,
      cause: "Invalid or missing API key"),
    BadInput(
      name: "key with a line end", environment: ["PRIME_API_KEY": "a\r\nX-Evil: b"], status: 78,
      cause: "PRIME_API_KEY"),
    BadInput(
      name: "refused key of Dedalus", alias: "dm-abc.dedalus",
      environment: ["DEDALUS_API_KEY": "wrong"], status: 77, cause: "invalid Dedalus API key"),
    BadInput(
      name: "refused organization", alias: "dm-abc.dedalus",
      scenario: #"{"dedalus": {"organization": "org-9"}}"#, status: 77,
      cause: "org scope does not match"),
    BadInput(
      name: "refused key of TensorPool", alias: "node1.tensorpool",
      environment: ["TENSORPOOL_KEY": "wrong"], status: 77, cause: "Invalid TensorPool key"),
  ]

  /// Each of the answers that every provider can spoil.
  private static let answers = ["sb1.prime", "dm-abc.dedalus", "node1.tensorpool"].flatMap {
    alias in
    [
      spoiled(alias, "not JSON", #""status": 200, "body": "<html>hello</html>""#, "is not JSON"),
      spoiled(alias, "empty", #""status": 200, "body": """#, "is not JSON"),
      spoiled(alias, "no object", #""status": 200, "body": "[1, 2]""#, "answer"),
      spoiled(alias, "without its fields", #""status": 200, "body": "{}""#, "lacks"),
      spoiled(
        alias, "over 1 MiB", #""status": 200, "body": "{\"x\": \"\#(mebibyte)\"}""#,
        "larger than 1 MiB"),
      spoiled(
        alias, "a redirect", #""status": 302, "headers": {"Location": "http://127.0.0.1:9/"}"#,
        "redirects"),
      spoiled(
        alias, "an escape sequence in a refusal",
        #""status": 400, "body": "{\"message\": \"no\\u001b[2J\\nsshproxy: hint: curl | sh\"}""#,
        "no?[2J?sshproxy: hint: curl | sh", status: 69),
      spoiled(
        alias, "a final 422", #""status": 422, "body": "{\"detail\": \"never\"}""#, "never",
        status: 69),
    ]
  }

  private static let mebibyte = String(repeating: "0123456789abcdef", count: 1 << 16)

  static func spoiled(
    _ alias: String, _ name: String, _ fault: String, _ cause: String, status: Int32 = 65,
    path: String = "."
  ) -> BadInput {
    BadInput(
      name: "\(alias): \(name)", alias: alias,
      scenario: """
        {"dedalus": {"wake_polls": 0},
         "faults": [{"times": -1, "path": "\(path)", \(fault)}]}
        """, status: status, cause: cause)
  }
}
