import Foundation
import TestSupport
import Testing

/// When a fault strikes; the sections of FAULTS.md.
enum FaultMoment: String, Sendable, CaseIterable {
  case words = "The command line"
  case configuration = "The configuration and the key"
  case names = "Name resolution"
  case tcp = "TCP to the API"
  case tls = "TLS"
  case call = "Each API call"
  case status = "What the providers say"
  case exposure = "The exposure"
  case firstByte = "The first byte"
  case stored = "A stored session"
  case client = "`exec` and the jump route"
  case stream = "The middle of a stream"
  case end = "The end of a stream"
  case disk = "The disk"
  case clock = "The clock"
  case signal = "Signals at every step"
  case gone = "ssh gone at every step"
  case parent = "The parent gone"
  case crowd = "Many at once"
}

/// What a fault leaves behind. Never a process, a lock, a temporary file or a file that others can
/// read: the runner looks for those after every row.
struct Left: Sendable {
  /// Sessions stored on this computer.
  var here = 0
  /// Sessions open at the provider.
  var there = 0
  /// Whether that one may be closed all the same: at the deadline it is too late to be sure.
  var isClosedPerhaps = false
  /// Whether the next run, with the fault gone, connects.
  var recovers = true
  /// Files that a killed process may leave until the next run sweeps them.
  var mayBeUnfinished = false

  static let nothing = Left()
  static let session = Left(here: 1, there: 1)

  var text: String {
    let provider =
      isClosedPerhaps ? "at the provider, perhaps, until it expires" : "at the provider"
    let places = [(here, "here"), (there, provider)].filter { $0.0 > 0 }
      .map { "\($0.0 == 1 ? "a session" : "\($0.0) sessions") \($0.1)" }
    var text = places.isEmpty ? "nothing" : places.joined(separator: ", ")
    if mayBeUnfinished { text += " (what was half done is swept by the next run)" }
    if !recovers { text += "; a person has to act" }
    return text
  }
}

/// One row of the fault table.
struct Fault: Sendable, CustomTestStringConvertible {
  let moment: FaultMoment
  /// What happens.
  let name: String
  /// The exit status; `nil` where nobody is left to see it.
  let status: Int32?
  /// What standard error says; empty for silence.
  private(set) var words: String
  let left: Left
  /// The longest that it may take, in seconds.
  private(set) var within: Double
  /// The deadline by configuration, in seconds.
  let deadline: Int
  let alias: String
  /// Makes a home with this deadline, in seconds.
  let makeHome: @Sendable (Int) throws -> FaultHome
  /// Lets it happen; more than one ending where it happens in variations.
  private(set) var act: @Sendable (FaultHome) throws -> [ProgramEnd]

  init(
    _ moment: FaultMoment, _ name: String, status: Int32?, says words: String = "",
    left: Left = .nothing, within: Double = atOnce, deadline: Int = 3, alias: String = "sb1.prime",
    makeHome: @escaping @Sendable (Int) throws -> FaultHome = { try FaultHome(deadline: $0) },
    act: @escaping @Sendable (FaultHome) throws -> [ProgramEnd]
  ) {
    self.moment = moment
    self.name = name
    self.status = status
    self.words = words
    self.left = left
    self.within = within
    self.deadline = deadline
    self.alias = alias
    self.makeHome = makeHome
    self.act = act
  }

  /// Seconds for what has nothing to wait for: less than the deadline, and room for a computer
  /// that runs nine other rows beside this one.
  static let atOnce = 2.8
  /// Seconds for what lasts until the deadline of 3.
  static let atDeadline = 4.5

  var testDescription: String { "\(moment.rawValue): \(name)" }

  /// The same row with other words, and perhaps more time.
  func saying(_ words: String, within: Double? = nil) -> Fault {
    var fault = self
    fault.words = words
    fault.within = within ?? self.within
    return fault
  }

  /// The same row with something to put right before the judge looks.
  func afterwards(_ repair: @escaping @Sendable (FaultHome) throws -> Void) -> Fault {
    var fault = self
    fault.act = { [act] testHome in
      let endings = try act(testHome)
      try repair(testHome)
      return endings
    }
    return fault
  }
}
