import Foundation

extension Simulator {
  /// A request that the simulator was sent.
  public struct Request: Decodable, Sendable {
    public let method: String
    /// Percent-encoded, as it came.
    public let path: String
    public let query: [String: String]
    /// By lower-case name; those that matter to the APIs, secrets included.
    public let headers: [String: String]
    /// The status that was answered, 0 while none was.
    public let status: Int
    /// Milliseconds from the simulator's start.
    public let time: Int
    /// Milliseconds to the answer, `nil` while there was none.
    public let duration: Int?
    /// The members of a JSON object body that are strings or whole numbers, as text.
    public let body: [String: String]

    private enum CodingKeys: String, CodingKey {
      case method, path, query, headers, status, body
      case time = "time_ms"
      case duration = "duration_ms"
    }

    public init(from decoder: any Decoder) throws {
      let box = try decoder.container(keyedBy: CodingKeys.self)
      method = try box.decode(String.self, forKey: .method)
      path = try box.decode(String.self, forKey: .path)
      query = try box.decode([String: String].self, forKey: .query)
      headers = try box.decode([String: String].self, forKey: .headers)
      status = try box.decode(Int.self, forKey: .status)
      time = try box.decode(Int.self, forKey: .time)
      duration = try box.decodeIfPresent(Int.self, forKey: .duration)
      let members = try? box.decode([String: Member].self, forKey: .body)
      body = (members ?? [:]).compactMapValues(\.text)
    }

    private struct Member: Decodable {
      let text: String?

      init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        text = (try? box.decode(String.self)) ?? (try? box.decode(Int.self)).map(String.init)
      }
    }
  }

  /// What the providers remember.
  public struct State: Decodable, Sendable {
    public let prime: Prime
    public let dedalus: Dedalus
    /// How many sshd's serve a connection.
    public let connections: Int

    public struct Prime: Decodable, Sendable {
      public let sessions: [PrimeSession]
    }

    public struct Dedalus: Decodable, Sendable {
      public let sessions: [DedalusSession]
      public let asleep: Bool
    }

    public struct PrimeSession: Decodable, Sendable {
      public let id: String
      public let sandbox: String
      public let login: String
      public let port: Int
      /// Whether a public key may log in.
      public let authorized: Bool

      private enum CodingKeys: String, CodingKey {
        case login, port, authorized
        case id = "session_id"
        case sandbox = "sandbox_id"
      }
    }

    public struct DedalusSession: Decodable, Sendable {
      public let id: String
      public let machine: String
      public let login: String
      /// `nil` until it is ready.
      public let port: Int?
      public let ready: Bool
      public let closed: Bool

      private enum CodingKeys: String, CodingKey {
        case login, port, ready, closed
        case id = "session_id"
        case machine = "machine_id"
      }
    }
  }
}
