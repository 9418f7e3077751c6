public import SystemIO

/// Lists the machines that an API key has access to.
public protocol MachineListing {
  /// The machines of every page, in the provider's order, within the bounds of `MachineList`.
  func machines(until deadline: Moment) throws(Failure) -> MachineList
}

/// What a provider lists. It is read until one of the bounds is reached: a provider cannot make us read,
/// or hold, any number of machines.
public struct MachineList: Sendable, Equatable {
  /// The bounds of one list.
  public enum Limit {
    /// So many answers are asked for.
    public static let pages = 100
    /// So many machines are held.
    public static let machines = 5000
    /// Of all pages together.
    public static let bytes = 16 << 20
  }

  /// In the provider's order; at most `Limit.machines`.
  public private(set) var machines: [Machine] = []
  /// Whether the provider has more than was read.
  public private(set) var isCut = false
  private var pageCount = 0
  private var size = 0

  /// Without machines.
  public init() {}

  /// Adds a page.
  /// - Parameter hasMore: whether the provider says that another page follows.
  /// - Returns: whether to ask for it.
  package mutating func add(_ page: [Machine], of response: HTTPResponse, hasMore: Bool) -> Bool {
    pageCount += 1
    size += response.size
    let room = Limit.machines - machines.count
    machines += page.prefix(room)
    let isFull = pageCount >= Limit.pages || size >= Limit.bytes || page.count >= room
    isCut = page.count > room || (isFull && hasMore)
    return hasMore && !isFull
  }

  /// Reads page after page.
  /// - Parameters:
  ///   - mayBeEmpty: whether a page may be empty where another one follows.
  ///   - ask: gets the page that a token stands for, `nil` for the first: its answer, its machines, and the
  ///     token of the next; `nil` after the last.
  /// - Throws: `.invalidResponse` for a list that leads back or on and on, and what `ask` throws.
  static func read(
    _ step: String, mayBeEmpty: Bool = false,
    _ ask: (_ token: String?) throws(Failure) -> (HTTPResponse, [Machine], next: String?)
  ) throws(Failure) -> MachineList {
    var list = MachineList()
    var token: String?
    while true {
      let (response, page, next) = try ask(token)
      guard list.add(page, of: response, hasMore: next != nil), let next else { return list }
      guard next != token, mayBeEmpty || !page.isEmpty else {
        throw Failure(.invalidResponse, step: step, "the list does not end")
      }
      token = next
    }
  }
}

/// A machine as its provider lists it. Every text is safe to be shown; what the provider does not say, or
/// says beyond all bounds, is `nil`.
public struct Machine: Sendable, Equatable {
  /// As the provider has it; at most 253 characters.
  public let id: String
  /// The name that its owner gave it.
  public let name: String?
  /// The model of its GPUs: `H100_80GB`.
  public let gpu: String?
  /// How many GPUs it has, 0 for none.
  public let gpuCount: Int?
  /// In US dollars, for the whole machine.
  public let pricePerHour: Double?
  /// In the provider's own word: `RUNNING`, `sleeping`; `unknown` where it has none for it.
  public let state: String
  /// Unix seconds.
  public let created: Int64?
  /// When its provider ends it, in Unix seconds.
  public let ends: Int64?
  /// How many computers it is, for clusters.
  public let nodes: Int?

  /// - Parameters:
  ///   - pricePerHour: US dollars.
  ///   - created: RFC 3339; an invalid time is ignored.
  ///   - ends: Unix seconds.
  package init(
    id: String, name: String? = nil, gpu: String? = nil, gpuCount: Int? = nil,
    pricePerHour: Double? = nil, state: String?, created: String?, ends: Int64? = nil,
    nodes: Int? = nil
  ) {
    self.id = id.sanitized(limit: 253)
    self.name = name.map { $0.sanitized(limit: 80) }
    self.gpu = gpu.map { $0.sanitized(limit: 40) }
    self.gpuCount = gpuCount.flatMap { 0...Limit.count ~= $0 ? $0 : nil }
    self.pricePerHour = pricePerHour.flatMap { 0...Limit.price ~= $0 ? $0 : nil }
    self.state = state?.sanitized(limit: 40) ?? "unknown"
    self.created = created.flatMap { try? Answer.time($0, field: "created", step: "") }
    self.ends = ends
    self.nodes = nodes.flatMap { 1...Limit.count ~= $0 ? $0 : nil }
  }

  private enum Limit {
    static let count = 100_000
    static let price = 1_000_000.0
  }
}
