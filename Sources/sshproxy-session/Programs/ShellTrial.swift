import SystemIO

/// Tries the user's shell as ssh uses it to run a ProxyCommand with fd passing: `$SHELL -c 'exec …'`, whose
/// standard input and output are a socket.
///
/// What a start file prints there comes where ssh waits for a descriptor; and bash, whose standard input is
/// a socket, takes itself for a remote shell and reads ~/.bashrc where SHLVL is unset: in desktops, cron,
/// VS Code.
struct ShellTrial {
  enum Verdict: Equatable {
    case good
    /// ssh can run nothing by it. The text is the reason.
    case unusable(String)
    /// fd passing fails or takes long by it. The text says what it does.
    case unfit(String)
  }

  let shell: String
  let verdict: Verdict

  /// How long all tries together may take, in milliseconds.
  private static let timeout = 2000
  /// By how much it may be slower with a socket than without, in milliseconds.
  private static let tolerance = 50

  /// - Parameter environment: of which ssh takes SHELL; without it, /bin/sh is run.
  init(_ environment: [String: String], caller: HangUpMonitor) throws(Failure) {
    let named = environment["SHELL"] ?? ""
    shell = named.isEmpty ? "/bin/sh" : named
    guard FilePath.isExecutable(shell) else {
      verdict = .unusable(Failure("run it").message)
      return
    }
    let limit = Moment.now + Self.timeout
    var slowest = 0
    for level in [nil, "1"] {
      var variables = environment
      variables["SHLVL"] = level
      let run = try ShellRun(shell, variables, until: limit, caller: caller)
      if let status = run.status, status != 0 {
        verdict = .unusable("it ends with status \(status) and runs nothing")
        return
      }
      if run.hasPrinted {
        verdict = .unfit("prints something when ssh starts it")
        return
      }
      guard run.status != nil else {
        verdict = .unfit("takes more than \(Self.timeout / 1000) s to start")
        return
      }
      // Other processes may have had the processor: the best of some counts.
      var best = run.duration
      for _ in 0..<3 where best > Self.tolerance {
        best = min(best, try ShellRun(shell, variables, until: limit, caller: caller).duration)
      }
      guard best > Self.tolerance else { continue }
      // A shell that is as slow without the socket gains nothing by a relay.
      let relayed = try ShellRun(
        shell, variables, hasSocket: false, until: Moment.now + Self.timeout, caller: caller)
      slowest = max(slowest, best - relayed.duration)
    }
    verdict = slowest > Self.tolerance ? .unfit("takes \(slowest) ms more to start") : .good
  }

  /// As a step of `check` tells it.
  var finding: Finding {
    let shell = shell.sanitized()
    return switch verdict {
    case .good: .green(shell)
    case .unusable(let reason):
      .red(
        "ssh can run nothing by SHELL=\(shell): \(reason)", hint: remedy, status: .configuration)
    case .unfit(let problem):
      .yellow(
        "\(shell) \(problem), and so fd passing fails or is slow",
        hint: "\(remedy); `sshproxy setup` relays where it is so")
    }
  }

  /// Where the cause is likely to be, as a clause; `nil` for a shell that reads nothing.
  var startFile: String? {
    switch shell.split(separator: "/").last {
    case "bash": "~/.bashrc, which bash reads where ssh starts it without SHLVL (VS Code, cron)"
    case "zsh": "~/.zshenv"
    case "fish": "~/.config/fish/config.fish"
    case "tcsh": "~/.tcshrc or ~/.cshrc"
    case "csh": "~/.cshrc"
    default: nil
    }
  }

  /// Where to look and what to do, for what is not good.
  var remedy: String {
    if case .unusable = verdict {
      return "set SHELL to a shell that runs commands, like /bin/sh: ssh runs sshproxy by it"
    }
    return startFile.map { "look into \($0)" }
      ?? "look into the files that \(shell.sanitized()) reads"
  }
}

/// One run of a shell.
private struct ShellRun {
  /// No more is read of what it prints, in bytes.
  private static let most = 1 << 20

  let hasPrinted: Bool
  /// `nil` when it has not ended in time, or prints without end.
  let status: Int32?
  /// In milliseconds.
  let duration: Int

  /// - Parameter hasSocket: whether standard input is a socket, as with fd passing.
  init(
    _ shell: String, _ environment: [String: String], hasSocket: Bool = true,
    until limit: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    let start = Moment.now
    let conversation = Conversation(
      path: shell, arguments: [shell, "-c", "exec /bin/sh -c :"],
      environment: environment.map { "\($0.key)=\($0.value)" }, limit: Self.most,
      errors: .nowhere)
    var hasPrinted = false
    do throws(Failure) {
      status = try conversation.run(
        input: hasSocket ? .socket : .nothing, until: limit, caller: caller
      ) { _ in hasPrinted = true }.status
    } catch {
      guard [.temporary, .invalidResponse].contains(error.kind) else { throw error }
      status = nil
    }
    self.hasPrinted = hasPrinted
    duration = Moment.now - start
  }
}
