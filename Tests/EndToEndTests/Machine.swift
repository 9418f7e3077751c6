import Foundation
import TestSupport
import Testing

/// The machines that the tests log in to: each way in which a provider gives one.
enum Machine: String, CaseIterable, CustomTestStringConvertible {
  case primeToken = "sb1.prime"
  case primeVM = "vm1.prime"
  case dedalus = "dm-abc.dedalus"
  case tensorpool = "node1.tensorpool"
  case pod = "6f1c2a9be0d74c53.prime-pod"
  case secondNode = "n2.pod7.prime-pod"
  case runpod = "7h9k2m4n6p.runpod"
  case vast = "31415926.vast"
  case lambda = "0920582c7ff041399e34823a0be62549.lambda"
  case shadeform = "d290f1ee-6c54-4b01-90e6-d701748f0851.shadeform"
  case fixedHost = "lab"
  case command = "mine"

  static var allCases: [Machine] {
    [.primeToken, .primeVM, .dedalus, .tensorpool] + instances + [.fixedHost, .command]
  }

  /// Those that a cloud is asked for by an id, and the user's own key logs in to. Lambda's are at port 22,
  /// which not every user may have.
  static var instances: [Machine] {
    [.pod, .secondNode, .runpod, .vast, .shadeform] + (mayHavePort22 ? [.lambda] : [])
  }

  static var mayHavePort22: Bool {
    let first = try? String(
      contentsOfFile: "/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding: .utf8)
    return geteuid() == 0 || (first.flatMap { Int($0.dropLast()) } ?? 1024) <= 22
  }

  var alias: String { rawValue }
  var testDescription: String { rawValue }

  /// The login name that the provider has given, as its server knows it.
  func login(at simulator: Simulator) throws -> String {
    let state = try simulator.state()
    switch self {
    case .primeToken, .primeVM, .command:
      let sandbox = self == .primeToken ? "sb1" : self == .primeVM ? "vm1" : "vm7"
      let sessions = state.prime.sessions.filter { $0.sandbox == sandbox }
      guard let session = sessions.first, sessions.count == 1 else {
        throw Unexpected("\(sessions.count) sessions for \(sandbox)")
      }
      return session.login
    case .dedalus:
      guard let session = state.dedalus.sessions.first, state.dedalus.sessions.count == 1 else {
        throw Unexpected("\(state.dedalus.sessions.count) sessions")
      }
      return session.login
    case .tensorpool, .lambda: return "ubuntu"
    case .pod, .secondNode, .runpod, .vast: return "root"
    case .shadeform: return "shadeform"
    case .fixedHost: return "user"
    }
  }
}

extension TestHome {
  static let myCloud = "bin/my-cloud"
  static let myCloudLog = "my-cloud.log"

  /// A test home with a name for each `Machine`.
  static func furnished(_ simulator: Simulator) throws -> TestHome {
    let testHome = try TestHome(simulator)
    try simulator.scenario(#"{"prime_pod": {"nodes": 2}}"#)
    let program = try testHome.home.write(
      testHome.myCloudText(simulator), to: myCloud)
    try testHome.configureLab(
      port: simulator.ports["plain"] ?? 0,
      """

      [hosts.mine]
      provider = "command"
      command = ["/bin/bash", "\(program)", "ssh-session"]
      id = "vm7"

      """)
    let user = "Host lab\n    User user\n"
    try testHome.home.write(
      user + (testHome.home.read("ssh_config") ?? ""), to: "ssh_config", mode: 0o644)
    return testHome
  }

  /// A provider of one's own: it has Prime's simulator open a session in its VM flow.
  private func myCloudText(_ simulator: Simulator) -> String {
    let port = simulator.url.split(separator: ":").last ?? ""
    return """
      field() { sed -n "s/.*\\"$1\\": *\\"\\{0,1\\}\\([^\\",}]*\\).*/\\1/p"; }
      read -r request
      { echo "$1 $request"; env; } >> '\(home.path(of: Self.myCloudLog))'
      body="{\\"public_key\\":\\"$(field public_key <<<"$request")\\"}"
      exec 3<>/dev/tcp/127.0.0.1/\(port)
      printf 'POST /api/v1/sandbox/%s/ssh-session HTTP/1.1\\r\\n' "$(field id <<<"$request")" >&3
      printf '%s\\r\\n' 'Host: localhost' 'Connection: close' \\
        'Authorization: Bearer \(simulator.environment["PRIME_API_KEY"] ?? "")' \\
        'Content-Type: application/json' "Content-Length: ${#body}" '' >&3
      printf '%s' "$body" >&3
      answer=$(cat <&3)
      id=$(field session_id <<<"$answer")
      printf '{"version":2,"session":{"session_id":"%s","login":"%s",' "$id" "$id"
      printf '"endpoint":{"host":"127.0.0.1","port":%s},' "$(field port <<<"$answer")"
      printf '"preamble":"PRIME-SSH-SESSION %s\\\\n",' "$id"
      printf '"expires_at":"%s"}}\\n' "$(field expires_at <<<"$answer")"

      """
  }
}
