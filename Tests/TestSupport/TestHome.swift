public import Foundation
import SystemIO

/// A person's computer for one test: an empty home directory, an ssh configuration that knows the
/// simulator's user key, and the programs run there. Everything that still runs there at the end
/// is killed, and the directory removed.
open class TestHome {
  public let home: TemporaryDirectory
  public var environment: [String: String]

  public static let ssh = "/usr/bin/ssh"

  /// - Parameter environment: the variables besides `HOME` and `PATH`.
  public init(environment: [String: String]) throws {
    home = try TemporaryDirectory("home")
    self.environment = environment
    self.environment["HOME"] = home.path
    self.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
  }

  /// - Parameter simulator: whose keys and base URLs are in the environment.
  public convenience init(_ simulator: Simulator) throws {
    try self.init(environment: simulator.environment)
    try knowUserKey(of: simulator)
  }

  /// Writes the ssh configuration with the simulator's user key, and passes on which relay is wanted.
  public func knowUserKey(of simulator: Simulator) throws {
    // `SSHPROXY_RELAY=copy scripts/test --filter EndToEndTests` forces the portable relay.
    environment["SSHPROXY_RELAY"] = ProcessInfo.processInfo.environment["SSHPROXY_RELAY"]
    // What a user has already. The first value wins, so what setup puts in front counts more.
    try home.write(
      """
      Host *
          BatchMode yes
          IdentityFile "\(simulator.userKey)"
          IdentityAgent none
          UserKnownHostsFile "\(home.path)/known_hosts"
          GlobalKnownHostsFile /dev/null
          StrictHostKeyChecking accept-new
          LogLevel ERROR

      """, to: "ssh_config")
  }

  deinit {
    for process in processes { kill(process.identifier, SIGKILL) }
  }

  /// The ssh configuration that every ssh here is given by `-F`.
  public var sshConfiguration: String { home.path(of: "ssh_config") }
  public static let state = TemporaryDirectory.state

  /// Has the password file say that the test's directory is the user's home, so that programs which
  /// do not go by $HOME, like ssh, look for `~/.ssh` there too.
  public func ownHome() throws {
    let user = "\(NSUserName()):x:\(getuid()):\(getgid())::\(home.path):/bin/bash\n"
    environment["LD_PRELOAD"] = "libnss_wrapper.so"
    environment["NSS_WRAPPER_PASSWD"] = try home.write(user, to: ".nss/passwd")
    environment["NSS_WRAPPER_GROUP"] = try home.write(
      "\(NSUserName()):x:\(getgid()):\n", to: ".nss/group")
  }

  /// Writes config.toml.
  open func configure(_ text: String, mode: Int = 0o600) throws {
    try home.write(text, to: ".config/sshproxy/config.toml", mode: mode)
  }

  /// Writes config.toml with `lab`, a fixed host on this computer.
  /// - Parameters:
  ///   - connection: the lines of `[connection]`.
  ///   - more: what follows the host's table.
  public func configureLab(port: Int, connection: String = "", _ more: String = "") throws {
    let limits = connection.isEmpty ? "" : "[connection]\n\(connection)\n"
    let host = "[hosts.lab]\nprovider = \"static\"\nhost = \"127.0.0.1\"\nport = \(port)\n"
    try configure(limits + host + more)
  }

  /// `sshproxy setup`, which has to work. It is told whether to pass descriptors: by itself it goes by the
  /// time that a shell takes, which is any on a busy computer.
  public func setUp(fdpass: Bool = true) throws {
    let words = ["setup", "--ssh-config", sshConfiguration] + [fdpass ? "--fdpass" : "--no-fdpass"]
    let end = try sshproxy(words)
    guard end.status == 0 else { throw Unexpected("setup: \(end)") }
  }

  public func sshproxy(_ words: [String], within seconds: Double = timeout) throws -> ProgramEnd {
    try start(BuiltProgram.sshproxy, words).end(within: seconds)
  }

  /// Runs the real ssh.
  public func ssh(
    _ words: [String], input: RunningProgram.Input = .nothing, within seconds: Double = timeout
  ) throws -> ProgramEnd {
    try startSSH(words, input: input).end(within: seconds)
  }

  public func startSSH(
    _ words: [String], input: RunningProgram.Input = .nothing
  ) throws -> RunningProgram {
    try start(Self.ssh, ["-F", sshConfiguration] + words, input: input)
  }

  /// Runs a script of bash in which `ssh` is ssh with our configuration.
  public func shell(_ script: String, within seconds: Double = timeout) throws -> ProgramEnd {
    let function = "ssh() { \(Self.ssh) -F '\(sshConfiguration)' \"$@\"; }\n"
    return try start("/bin/bash", ["-c", function + script]).end(within: seconds)
  }

  public func start(
    _ program: String, _ words: [String], input: RunningProgram.Input = .nothing,
    output: Int32? = nil
  ) throws -> RunningProgram {
    try RunningProgram(program, words, environment: environment, input: input, output: output)
  }

  /// Another process, none of this home's, takes a lock below the state directory: `TemporaryDirectory.holdLock`.
  public func holdLock(_ name: String, for seconds: Int = 600) throws -> RunningProgram {
    try home.holdLock("\(Self.state)/\(name)", for: seconds)
  }

  /// What runs on this computer now: everything with its home directory.
  public var processes: [HomeProcess] { HomeProcess.all(home: home.path) }

  /// Our two programs among them.
  public var proxies: [HomeProcess] { processes.filter { $0.program.hasPrefix("sshproxy") } }

  /// Every file of the home directory, with its bytes.
  public func snapshot() throws -> [String: Data] {
    try home.snapshot()
  }
}
