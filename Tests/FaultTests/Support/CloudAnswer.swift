import Foundation
import TestSupport

/// A cloud's answer about one machine, and the places of its fields.
struct CloudAnswer: Sendable {
  let alias: String
  /// What the API's base URL ends in here, so that no two have the same path.
  let folder: String
  let variables: (key: String, url: String)
  let body: @Sendable (_ port: UInt16) -> String
  /// A text or number of the vendor's, by what it is.
  let id: [String]
  let state: [String]
  let host: [String]
  var port: [String]?
  var user: [String]?
  /// Whether its answer says where its machine listens.
  var namesPort = true
  /// A state that does not pass.
  let gone: String

  static let all: [Call: CloudAnswer] = [
    .podAsk: CloudAnswer(
      alias: "pod1.prime-pod", folder: "", variables: ("PRIME_API_KEY", "PRIME_API_BASE_URL"),
      body: { port in
        #"{"data":[{"podId":"pod1","status":"ACTIVE","sshConnection":"root@127.0.0.1 -p \#(port)"}]}"#
      }, id: ["data", "0", "podId"], state: ["data", "0", "status"],
      host: ["data", "0", "sshConnection"], gone: "TERMINATED"),
    .runpodAsk: CloudAnswer(
      alias: "m1.runpod", folder: "/runpod", variables: ("RUNPOD_API_KEY", "RUNPOD_BASE_URL"),
      body: { port in
        #"{"id":"m1","status":"RUNNING","ssh":{"proxy":null,"direct":{"host":"127.0.0.1","port":\#(port),"username":"root"}}}"#
      }, id: ["id"], state: ["status"], host: ["ssh", "direct", "host"],
      port: ["ssh", "direct", "port"], user: ["ssh", "direct", "username"], gone: "EXITED"),
    .vastAsk: CloudAnswer(
      alias: "17.vast", folder: "/vast", variables: ("VAST_API_KEY", "VAST_BASE_URL"),
      body: { port in
        #"{"instances":{"id":17,"actual_status":"running","ssh_host":"127.0.0.1","ssh_port":\#(port)}}"#
      }, id: ["instances", "id"], state: ["instances", "actual_status"],
      host: ["instances", "ssh_host"], port: ["instances", "ssh_port"], gone: "exited"),
    .lambdaAsk: CloudAnswer(
      alias: "m1.lambda", folder: "/lambda", variables: ("LAMBDA_API_KEY", "LAMBDA_BASE_URL"),
      body: { _ in #"{"data":{"id":"m1","status":"active","ip":"127.0.0.1"}}"# },
      id: ["data", "id"], state: ["data", "status"], host: ["data", "ip"], namesPort: false,
      gone: "terminated"),
    .shadeformAsk: CloudAnswer(
      alias: "m1.shadeform", folder: "/shadeform",
      variables: ("SHADEFORM_API_KEY", "SHADEFORM_BASE_URL"),
      body: { port in
        #"{"id":"m1","status":"active","ip":"127.0.0.1","ssh_port":\#(port),"ssh_user":"u"}"#
      }, id: ["id"], state: ["status"], host: ["ip"], port: ["ssh_port"], user: ["ssh_user"],
      gone: "deleted"),
    .describedAsk: CloudAnswer(
      alias: "m1.own", folder: "/own", variables: ("", ""),
      body: { port in
        #"{"data":[{"name":"m1","ip":"127.0.0.1","port":\#(port),"user":"u","state":"up"}]}"#
      }, id: ["data", "0", "name"], state: ["data", "0", "state"], host: ["data", "0", "ip"],
      port: ["data", "0", "port"], user: ["data", "0", "user"], gone: "lost"),
  ]

  /// The table for the one that is not built in.
  static func table(_ url: String, key: String) -> String {
    """
    [providers.own]
    api_key = "\(key)"
    url = "\(url)/own/machines?name={id}"
    header = "Authorization: Token {key}"
    id = "/data/0/name"
    host = "/data/0/ip"
    port = "/data/0/port"
    user = "/data/0/user"
    state = "/data/0/state"
    ready = ["up"]
    waiting = ["starting"]
    gone = ["lost"]

    """
  }

  static let key = "cloud-5c0ffee5ecret"
  static let describedKey = "own-5c0ffee5ecret"

  static var calls: [Call] { all.keys.sorted { $0.rawValue < $1.rawValue } }

  static func call(_ request: APIRequest) -> Call? {
    guard request.method == "GET" else { return nil }
    if request.path.hasPrefix("/api/v1/pods/status") { return .podAsk }
    return calls.first { call in
      guard let folder = all[call]?.folder, !folder.isEmpty else { return false }
      return request.path.hasPrefix(folder + "/")
    }
  }
}
