import SystemIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What libFuzzer can be let loose on, and what the tests replay. `FUZZ_TARGET` in the environment chooses one, by the name
/// that its folder of the corpus has too.
enum FuzzTarget: String, CaseIterable {
  /// The command line that TensorPool sends.
  case command
  /// The answers of the four kinds of provider, through the real client.
  case answers
  /// JSON of every shape, and what it costs.
  case json
  /// Certificates, keys and known hosts.
  case certificate
  /// The configuration that is generated for ssh, read back.
  case generated
  /// `config.toml` and `credentials.toml`.
  case configuration
  /// The edits of the user's ssh configuration.
  case setup
  /// The session record and the memory of a failure.
  case record
  /// What an SSH server says before there are keys.
  case server
  /// The messages of an SSH server with keys, before the login and behind it.
  case messages
  /// The pump, against a model of it.
  case pump
  /// The pump between real descriptors, spliced and copied.
  case relay

  /// Runs one input; ends the process where a promise is broken.
  func run(_ input: [UInt8]) {
    switch self {
    case .command: CommandTarget.run(input)
    case .answers: AnswersTarget.run(input)
    case .json: JSONTarget.run(input)
    case .certificate: CertificateTarget.run(input)
    case .generated: GeneratedTarget.run(input)
    case .configuration: ConfigurationTarget.run(input)
    case .setup: SetupTarget.run(input)
    case .record: RecordTarget.run(input)
    case .server: ServerTarget.plain(input)
    case .messages: ServerTarget.encrypted(input)
    case .pump: PumpTarget.run(input)
    case .relay: RelayTarget.run(input)
    }
  }

  /// What a run needs before its first input; ends the process where no target is chosen.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    // An https address in an answer must not lead out of this computer.
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
      setenv(name, "http://127.0.0.1:1", 1)
    }
    for name in ["no_proxy", "NO_PROXY"] { unsetenv(name) }
    guard chosen != nil else {
      say("FUZZ_TARGET has to be one of: \(allCases.map(\.rawValue).joined(separator: " "))\n")
      exit(64)
    }
  }

  static let chosen = variable("FUZZ_TARGET").flatMap(FuzzTarget.init)

  /// A folder of this run alone, for the targets that work on files.
  static let folder = variable("FUZZ_FOLDER") ?? "/nonexistent"

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
