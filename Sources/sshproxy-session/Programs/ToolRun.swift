import SystemIO

/// Runs another program without input and reads both its outputs, a line at a time.
struct ToolRun {
  /// The most that is read, in bytes.
  private static let limit = 1 << 20
  private static var hint: String { "run it by hand, and see what it does" }

  private(set) var status: Int32 = 0
  /// The lines, safe to be shown, with the time at which each came, in milliseconds from the start.
  private(set) var lines: [(text: String, time: Int)] = []
  private(set) var duration = 0

  /// - Throws: `.inputOutput` when it does not start, `.temporary` when it has not ended by `deadline`,
  ///   `.rejected` when it prints too much, because what it says last is what counts, `.cancelled`. In these
  ///   cases the program is ended.
  init(
    _ path: String, _ arguments: [String], until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    let start = Moment.now
    let pipe = try Pipe()
    let end = pipe.writing.number
    let child = try Child(
      path: path, arguments: [path] + arguments, environment: inheritedEnvironment,
      streams: Child.Streams(output: end, error: end))
    let reader = pipe.intoReading()
    var rest: [UInt8] = []
    var total = 0
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    let late = Failure(
      .temporary, "\(path.sanitized()) takes too long",
      hint: Self.hint)
    while true {
      guard let count = try caller.read(reader.number, into: &buffer, until: deadline) else {
        throw late
      }
      guard count > 0 else { break }
      total += count
      guard total <= Self.limit else {
        throw Failure(
          .rejected, "\(path.sanitized()) prints more than \(Self.limit >> 10) KiB",
          hint: Self.hint)
      }
      rest += buffer[..<count]
      takeLines(&rest, at: Moment.now - start)
    }
    if !rest.isEmpty { takeLines(&rest, at: Moment.now - start, last: true) }
    guard let status = try child.wait(until: deadline, caller: caller) else { throw late }
    self.status = status
    duration = Moment.now - start
  }

  /// The signal that has ended it, if one has.
  var signal: Int32? { (129..<128 + 65).contains(status) ? status - 128 : nil }

  /// Of `printing`: that ssh cannot read its configuration; `nil` where it can.
  var refusal: Finding? {
    guard status != 0 else { return nil }
    // It names the line first, and at last only counts.
    let complaint = (lines.first { $0.text.contains(" line ") } ?? lines.last)?.text ?? ""
    return .red(
      "ssh cannot read its configuration: \(complaint.sanitized())",
      hint: "correct it where ssh says", status: .configuration)
  }

  /// A host that is nobody's (RFC 2606).
  static let nobody = "sshproxy-check.invalid"

  /// What ssh makes of its configuration for a host (`ssh -G`).
  /// - Parameters:
  ///   - file: the configuration; `nil` for ssh's own.
  ///   - options: further words.
  /// - Throws: as `init`, and `.internalError` where there is no ssh.
  static func printing(
    _ host: String, _ file: String?, _ options: [String] = [], within milliseconds: Int,
    caller: HangUpMonitor
  ) throws(Failure) -> ToolRun {
    try ToolRun(
      try InstalledPrograms.ssh(), (file.map { ["-F", $0] } ?? []) + options + ["-G", host],
      until: Moment.now + milliseconds, caller: caller)
  }

  private mutating func takeLines(_ bytes: inout [UInt8], at time: Int, last: Bool = false) {
    var parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    bytes = last ? [] : parts.popLast().map(Array.init) ?? []
    for part in parts {
      let text = String(decoding: part.last == 0x0d ? part.dropLast() : part, as: UTF8.self)
      lines.append((text.sanitized(limit: 4096), time))
    }
  }
}
