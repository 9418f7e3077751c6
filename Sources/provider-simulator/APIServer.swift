import FlyingFox
import FlyingSocks
import Foundation

/// HTTP in front of the simulator.
struct APIServer: Sendable {
  let server: HTTPServer

  /// - Parameter port: 0 for any; `127.0.0.1` it is in any case.
  init(port: UInt16) throws {
    server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: port), timeout: 3600, logger: .disabled)
  }

  /// The port that it listens on, once it does.
  var port: UInt16 {
    get async throws {
      try await server.waitUntilListening()
      guard case .ip4(_, let port) = await server.listeningAddress else { return 0 }
      return port
    }
  }

  func route(to simulator: Simulator) async {
    await server.appendRoute("*") { request in
      let (answer, fault) = await simulator.respond(to: try await Incoming(request))
      return HTTPResponse(answer, fault: fault)
    }
  }

  /// Answers requests until the process ends.
  /// - Throws: `Misuse` when the port cannot be had.
  func run() async throws {
    do { try await server.run() } catch {
      throw Misuse("the APIs cannot be served: \(error)")
    }
  }
}

extension Incoming {
  fileprivate init(_ request: HTTPRequest) async throws {
    method = request.method.rawValue
    path = request.target.path()
    query = request.query.map { ($0.name, $0.value) }
    headers = Dictionary(
      request.headers.map { ($0.key.rawValue.lowercased(), $0.value) },
      uniquingKeysWith: { "\($0), \($1)" })
    body = try await request.bodyData
  }
}

extension HTTPResponse {
  fileprivate init(_ answer: Answer, fault: Fault?) {
    var headers = HTTPHeaders(
      Dictionary(
        answer.headers.map { (HTTPHeader($0.key), $0.value) }, uniquingKeysWith: { $1 }))
    if headers[.contentType] == nil { headers[.contentType] = answer.contentType }
    if headers[.date] == nil { headers[.date] = HTTPDate.text(Date()) }
    let status = HTTPStatusCode(answer.status, phrase: "")
    let payload = answer.payload
    guard let fault, fault.cutAfter != nil || fault.drip != nil else {
      self.init(statusCode: status, headers: headers, body: payload)
      return
    }
    let body = SpoiledBody(
      bytes: payload, end: min(fault.cutAfter ?? payload.count, payload.count), drip: fault.drip)
    self.init(
      statusCode: status, headers: headers,
      body: HTTPBodySequence(from: body, count: payload.count))
  }
}

/// RFC 9110 section 5.6.7.
enum HTTPDate {
  static func text(_ date: Date) -> String {
    let parts = Calendar.gregorianUTC.dateComponents(
      [.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func two(_ number: Int?) -> String { String("0\(number ?? 0)".suffix(2)) }
    let day = "\(days[(parts.weekday ?? 1) - 1]), \(two(parts.day))"
    let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
    return "\(day) \(months[(parts.month ?? 1) - 1]) \(parts.year ?? 0) \(time) GMT"
  }
}

extension Calendar {
  fileprivate static let gregorianUTC: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()
}
