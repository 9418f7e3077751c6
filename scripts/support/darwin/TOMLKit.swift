// As much of TOMLKit as the sources use: its own is C++. Only for type checks: nothing here is ever run.
public enum TOMLType: Equatable, CustomStringConvertible {
  case table, array, string, int, double, bool, date, time, dateTime
  public var description: String { fatalError() }
}
public protocol TOMLValueConvertible {
  var type: TOMLType { get }
  var table: TOMLTable? { get }
  var array: TOMLArray? { get }
  var string: String? { get }
  var int: Int? { get }
  var bool: Bool? { get }
}
public struct TOMLParseError: Error, CustomStringConvertible {
  public struct Position { public let line: Int }
  public struct Region { public let begin: Position }
  public let source: Region
  public var description: String { fatalError() }
}
public final class TOMLTable {
  public init(string: String) throws(TOMLParseError) { fatalError() }
  public var keys: [String] { fatalError() }
  public subscript(key: String) -> (any TOMLValueConvertible)? { fatalError() }
}
public final class TOMLArray: Sequence {
  public func makeIterator() -> Array<any TOMLValueConvertible>.Iterator { fatalError() }
}
