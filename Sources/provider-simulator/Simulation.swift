import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Sets everything up, in order: folder, keys, sshd's, doors, HTTP, and the line that says so.
struct Simulation {
  private let options: Options
  private let directory: URL
  private let children = Children()
  private let credentials = Credentials()

  init(_ options: Options) throws {
    self.options = options
    for program in [SSHServer.program, KeyFiles.keygen]
    where !FileManager.default.isExecutableFile(atPath: program) {
      throw Misuse("\(program) is missing: install openssh-server and openssh-client")
    }
    let root =
      options.directory.map { URL(filePath: $0) }
      ?? FileManager.default.temporaryDirectory.appending(
        path: "provider-simulator-\(Simulator.token(6))")
    try FileManager.default.createDirectory(
      at: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    directory = root.resolvingSymlinksInPath()
    // A stock sshd that runs as root insists on this folder, which only the system's own makes.
    if getuid() == 0 {
      try? FileManager.default.createDirectory(
        atPath: "/run/sshd", withIntermediateDirectories: true)
    }
  }

  var ending: Ending {
    Ending(
      children: children, home: directory.appending(path: "home").path,
      temporaryDirectory: options.directory == nil ? directory : nil)
  }

  func run() async {
    do {
      try await perform()
    } catch {
      Program.complain(error)
      ending.end(70)
    }
  }

  private func perform() async throws {
    let (keys, servers) = try makeServers()
    let prime = servers[.prime]?.logins
    let listener = EndpointListener(
      knows: { prime?.contains($0) ?? false },
      server: { [children] realm, connection in
        guard let server = servers[realm] else { return }
        server.logins.sweep()
        try? children.serve(
          connection, by: server.arguments, environment: server.environment)
      })
    listener.start()
    var places: [Realm: Loopback.Place] = [:]
    for realm in Realm.allCases { places[realm] = try listener.addMain(realm) }
    let preamblePort = try listener.add(.prime, wantsPreamble: true)

    let api = try APIServer(port: options.port)
    let (ownPlaces, started) = (places, listener)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await api.run() }
      group.addTask { [directory, options, credentials, children] in
        let port = try await api.port
        Loopback.sendPromptly(from: port)
        let url = "http://127.0.0.1:\(port)"
        let setting = Simulator.Setting(
          directory: directory, url: options.publicURL ?? url, keys: keys, servers: servers,
          children: children, listener: started, places: ownPlaces, preamblePort: preamblePort,
          credentials: credentials, log: try options.log.map(Self.logFile))
        await api.route(to: Simulator(setting))
        try Announcement(setting: setting, control: url).make()
      }
      // Neither is to fail; the announcement ends, the server does not.
      while try await group.next() != nil {}
    }
  }

  private func makeServers() throws -> (KeyFiles, [Realm: SSHServer]) {
    let keys = KeyFiles(
      directory: directory, hostKeyTypes: ["ed25519", "ecdsa"] + (options.rsa ? ["rsa"] : []),
      authorityType: options.authority)
    let userKeys = directory.appending(path: "user_keys")
    let userKey = directory.appending(path: "user_key")
    // What an earlier simulator left in a folder of the caller's.
    for name in Realm.allCases.map(\.rawValue) + ["user_key", "user_key.pub", "env.sh"] {
      try? FileManager.default.removeItem(at: directory.appending(path: name))
    }
    for folder in Realm.allCases.map(\.rawValue) + ["home"] {
      try FileManager.default.createDirectory(
        at: directory.appending(path: folder), withIntermediateDirectories: true)
    }
    try keys.make(userKey: options.userPublicKey == nil ? userKey : nil)
    let publicKey =
      try options.userPublicKey.map { try KeyFiles.text(URL(filePath: $0)) }
      ?? KeyFiles.publicText(userKey)
    try Data("\(publicKey)\n".utf8).write(to: userKeys)
    try keys.certifyHost(
      by: keys.hostAuthority, principals: "localhost,127.0.0.1", validity: "-1h:+52w")
    var servers: [Realm: SSHServer] = [:]
    for realm in Realm.allCases {
      servers[realm] = try SSHServer(
        realm, directory: directory, keys: keys, userKeys: userKeys.path)
    }
    for realm in Realm.openedByUserKey {
      try servers[realm]?.logins.add(["root", "ubuntu", "user", NSUserName()])
    }
    return (keys, servers)
  }

  private static func logFile(_ path: String) throws -> FileHandle {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw Misuse("cannot write \(path)")
    }
    return try FileHandle(forWritingTo: URL(filePath: path))
  }
}
