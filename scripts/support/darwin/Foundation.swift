// As much of Foundation as the sources use. Only for type checks: nothing here is ever run.
@_exported import Darwin

public struct Data {
  public init(_ bytes: some Sequence<UInt8>) {}
  public func base64EncodedString() -> String { fatalError() }
}
extension Data: RandomAccessCollection {
  public var startIndex: Int { fatalError() }
  public var endIndex: Int { fatalError() }
  public subscript(index: Int) -> UInt8 { fatalError() }
}

extension String {
  public enum Encoding { case utf8 }
  public init?(data: Data, encoding: Encoding) { fatalError() }
}

open class JSONEncoder {
  public struct OutputFormatting: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let prettyPrinted = OutputFormatting(rawValue: 1)
    public static let sortedKeys = OutputFormatting(rawValue: 2)
    public static let withoutEscapingSlashes = OutputFormatting(rawValue: 8)
  }
  public var outputFormatting: OutputFormatting = []
  public init() {}
  open func encode(_ value: some Encodable) throws -> Data { fatalError() }
}

open class JSONDecoder {
  public init() {}
  open func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    fatalError()
  }
}

public protocol ParseStrategy {
  associatedtype ParseInput
  associatedtype ParseOutput
}

public struct Date: Sendable {
  public struct ISO8601FormatStyle: ParseStrategy, Sendable {
    public typealias ParseInput = String
    public typealias ParseOutput = Date
  }
  public init<Strategy: ParseStrategy>(
    _ value: Strategy.ParseInput, strategy: Strategy
  ) throws where Strategy.ParseOutput == Date { fatalError() }
  public var timeIntervalSince1970: Double { fatalError() }
}
extension ParseStrategy where Self == Date.ISO8601FormatStyle {
  public static var iso8601: Self { Date.ISO8601FormatStyle() }
}

// For ArgumentParser.
public protocol LocalizedError: Error { var errorDescription: String? { get } }
open class NSError {}
extension Error { public var localizedDescription: String { fatalError() } }
