import SystemIO

/// Runs another program without input and reads both its outputs, a line at a time.
struct ToolRun {
  /// The most that is read, in bytes.
  private static let limit = 1 << 20

  let status: Int32
  /// The lines, safe to be shown, with the time at which each came, in milliseconds from the start.
  let lines: [(text: String, time: Int)]
  /// In milliseconds.
  let duration: Int

  /// - Throws: `.inputOutput` when it does not start, `.temporary` when it has not ended by `deadline`,
  ///   `.rejected` when it prints too much, because what it says last is what counts, `.cancelled`. In these
  ///   cases the program is ended.
  init(
    _ path: String, _ arguments: [String], until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    let start = Moment.now
    let conversation = Conversation(
      path: path, arguments: [path] + arguments, environment: inheritedEnvironment,
      limit: Self.limit, errors: .output)
    var lines: [(text: String, time: Int)] = []
    var rest: [UInt8] = []
    do throws(Failure) {
      status = try conversation.run(input: .nothing, until: deadline, caller: caller) {
        rest += $0
        lines += Self.takeLines(&rest, at: Moment.now - start)
      }.status
    } catch {
      var failure = error
      // It is no provider's answer that makes no sense.
      if error.kind == .invalidResponse { failure.kind = .rejected }
      throw failure
    }
    if !rest.isEmpty { lines += Self.takeLines(&rest, at: Moment.now - start, last: true) }
    self.lines = lines
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
  static let unusedHost = "sshproxy-check.invalid"

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

  /// Takes the lines that are whole; with `last`, what is behind them, too.
  private static func takeLines(
    _ bytes: inout [UInt8], at time: Int, last: Bool = false
  ) -> [(text: String, time: Int)] {
    var parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    bytes = last ? [] : parts.popLast().map(Array.init) ?? []
    return parts.map { part in
      let text = String(decoding: part.last == 0x0d ? part.dropLast() : part, as: UTF8.self)
      return (text.sanitized(limit: 4096), time)
    }
  }
}
