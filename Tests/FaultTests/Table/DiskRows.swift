import Foundation
import TestSupport

extension FaultTable {
  static let disk = mounted + notOurs + inTheWay + damaged

  /// On a file system of its own, in a mount namespace (unshare(1)); this takes root.
  private static let mounted: [Fault] = [
    namespace("the disk is full at each of the first pages", status: 74, says: "no space left") {
      testHome in
      try (0...4).map { free in
        try inNamespace(
          testHome,
          """
          mount -t tmpfs -o size=64k,mode=700 tmpfs "$HOME/.local/state"
          head -c $((65536 - \(free * 4096))) /dev/zero >"$HOME/.local/state/fill"
          """)
      }
    },
    namespace("no more files can be made, at each of the first", status: 74, says: "no space left")
    {
      testHome in
      try (2...8).map { count in
        try inNamespace(
          testHome,
          "mount -t tmpfs -o size=1m,nr_inodes=\(count),mode=700 tmpfs \"$HOME/.local/state\"")
      }
    },
    namespace("the disk is read-only", status: 74, says: "read-only") { testHome in
      [
        try inNamespace(
          testHome, "mount -t tmpfs -o ro,mode=700 tmpfs \"$HOME/.local/state\"")
      ]
    },
    namespace(
      "the disk has become read-only, the session is stored", status: 0,
      left: .init(here: 1, there: 1)
    ) { testHome in
      _ = try testHome.connect()
      return [
        try inNamespace(
          testHome,
          """
          mount --bind "$HOME/.local/state" "$HOME/.local/state"
          mount -o remount,ro,bind "$HOME/.local/state"
          """)
      ]
    },
    namespace(
      "the disk is full while a session is renewed, which is used then", status: 0,
      left: .init(there: 1)
    ) { testHome in
      let proxy = BuiltProgram.sshproxy
      return [
        try inNamespace(
          testHome,
          """
          mount -t tmpfs -o size=64k,mode=700 tmpfs "$HOME/.local/state"
          '\(proxy)' prepare sb1.prime
          sed -i 's/^renew-after .*/renew-after 1700000000/' \
            "$HOME"/.local/state/sshproxy/sessions/sb1.prime/*-*/record
          chmod 600 "$HOME"/.local/state/sshproxy/sessions/sb1.prime/*-*/record
          cat /dev/zero >"$HOME/.local/state/fill" 2>/dev/null || true
          '\(proxy)' prepare sb1.prime
          """)
      ]
    },
    namespace("the disk is full: close revokes and wipes all the same", status: 0) { testHome in
      let proxy = BuiltProgram.sshproxy
      return [
        try inNamespace(
          testHome,
          """
          mount -t tmpfs -o size=64k,mode=700 tmpfs "$HOME/.local/state"
          '\(proxy)' prepare sb1.prime
          cat /dev/zero >"$HOME/.local/state/fill" 2>/dev/null || true
          '\(proxy)' close sb1.prime
          test -z "$(find "$HOME/.local/state/sshproxy/sessions" -mindepth 1)"
          ! grep sb1.prime "$HOME/.local/state/sshproxy/ssh_config" || exit 1
          exit 0
          """)
      ]
    },
    namespace(
      "the disk is full: a session that is gone is dropped all the same", status: 75,
      says: "the session is gone", left: .session
    ) { testHome in
      // On a copy of the state directory, which vanishes with the namespace.
      let proxy = BuiltProgram.sshproxy
      _ = try testHome.connect()
      testHome.machine(.hangUp)
      testHome.provider.setFault { call, _, _ in call == .primeAuthorize ? Reply(404, "{}") : nil }
      return [
        try inNamespace(
          testHome,
          """
          mkdir "$HOME/full"
          mount -t tmpfs -o size=64k,mode=700 tmpfs "$HOME/full"
          cp -a "$HOME/.local/state/." "$HOME/full"
          mount --bind "$HOME/full" "$HOME/.local/state"
          cat /dev/zero >"$HOME/full/fill" 2>/dev/null || true
          status=0
          name=$(readlink "$HOME/full/sshproxy/sessions/sb1.prime/current")
          '\(proxy)' prepare --ask "$name" sb1.prime || status=$?
          test ! -e "$HOME/full/sshproxy/sessions/sb1.prime/$name"
          test ! -L "$HOME/full/sshproxy/sessions/sb1.prime/current"
          exit $status
          """)
      ]
    },
    // Nor the one that standard error is.
    namespace("no file may grow (ulimit -f 0), standard error included", status: 74) { testHome in
      [try inNamespace(testHome, "ulimit -f 0")]
    },
  ]

  private static func namespace(
    _ name: String, status: Int32, says words: String = "", left: Left = .nothing,
    act: @escaping @Sendable (FaultHome) throws -> [ProgramEnd]
  ) -> Fault {
    Fault(.disk, name, status: status, says: words, left: left, within: Fault.atOnce, act: act)
  }

  private static func inNamespace(_ testHome: FaultHome, _ script: String) throws -> ProgramEnd {
    try FileManager.default.createDirectory(
      atPath: testHome.home.path(of: ".local/state"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    let text = "set -e\n\(script)\nexec '\(BuiltProgram.sshproxy)' connect sb1.prime"
    let run = try testHome.start(["-m", "/bin/sh", "-c", text], program: "/usr/bin/unshare")
    let ending = run.end()
    // What was stored is gone with the namespace, but for the last.
    if ending.status == 0, testHome.allSessions.isEmpty { testHome.provider.forgetSessions(but: 1) }
    return ending
  }

  private static let notOurs: [Fault] = [
    shared("the state directory belongs to another user") {
      chown($0, OrdinaryUser.identifier, OrdinaryUser.identifier)
    },
    shared("others can write to the state directory") { chmod($0, 0o777) },
    shared("the group can write to the state directory") { chmod($0, 0o770) },
    shared("others can write to a directory above", says: "others can change") { state in
      chmod(above(state), 0o777)
    } repair: {
      chmod(above($0), 0o700)
    },
    shared("a directory above belongs to another user", says: "belongs to another user") { state in
      chown(above(state), 1, 1)
    } repair: {
      chown(above($0), geteuid(), getegid())
    },
    shared("the state directory is a link of another user's", says: "another user's link") {
      state in
      rename(state, state + "-elsewhere")
      symlink("sshproxy-elsewhere", state)
      return lchown(state, OrdinaryUser.identifier, OrdinaryUser.identifier)
    },
    shared("the folder of sessions belongs to another user") {
      chown($0 + "/sessions", OrdinaryUser.identifier, OrdinaryUser.identifier)
    },
    shared("the folder of sessions is a link to elsewhere", says: "error: ") { state in
      rename(state + "/sessions", state + "/elsewhere")
      return symlink("elsewhere", state + "/sessions")
    },
    shared("the alias's folder is a link to elsewhere", says: "error: ") { state in
      rename(state + "/sessions/sb1.prime", state + "/elsewhere")
      return symlink("../elsewhere", state + "/sessions/sb1.prime")
    },
    shared("the lock is a link to another file", says: "error: ") { state in
      unlink(state + "/sessions/sb1.prime/lock")
      return symlink("/etc/hostname", state + "/sessions/sb1.prime/lock")
    },
  ]

  /// `~/.local`.
  private static func above(_ state: String) -> String {
    URL(filePath: state).deletingLastPathComponent().deletingLastPathComponent().path
  }

  /// A stored session is not believed, and no new one is stored where others could change it.
  private static func shared(
    _ name: String, says words: String = "is not yours alone",
    _ spoil: @escaping @Sendable (String) -> Int32,
    repair: @escaping @Sendable (String) -> Int32 = { _ in 0 }
  ) -> Fault {
    Fault(.disk, name, status: 74, says: words, left: Left(there: 1)) { testHome in
      _ = try testHome.connect()
      let state = testHome.home.path(of: FaultHome.state)
      try testHome.home.rewriteRecords(of: "sb1.prime") {
        $0.hasPrefix("renew-after") || $0.hasPrefix("expires")
          ? "\($0.split(separator: " ")[0]) 1700000000" : $0
      }
      let other = try String(contentsOfFile: "/etc/hostname", encoding: .utf8)
      guard spoil(state) == 0 else { throw Unexpected("it could not be spoiled") }
      let ending = try testHome.connect()
      guard try String(contentsOfFile: "/etc/hostname", encoding: .utf8) == other else {
        throw Unexpected("a file of another was changed")
      }
      guard repair(state) == 0 else { throw Unexpected("it could not be repaired") }
      try FileManager.default.removeItem(atPath: state)
      return [ending]
    }
  }

  private static let inTheWay: [Fault] = [
    Fault(
      .disk, "ssh's generated configuration is a link to another file", status: 0, left: .session
    ) { testHome in
      let victim = try testHome.home.write("mine\n", to: "victim")
      _ = try testHome.home.write("", to: "\(FaultHome.state)/placeholder")
      symlink(victim, testHome.home.path(of: "\(FaultHome.state)/ssh_config"))
      let ending = try testHome.connect()
      guard testHome.home.read("victim") == "mine\n" else {
        throw Unexpected("the link was followed")
      }
      return [ending]
    },
    Fault(.disk, "the state directory is a file", status: 74, says: "error: ") { testHome in
      try testHome.home.write("", to: FaultHome.state)
      let ending = try testHome.connect()
      try FileManager.default.removeItem(atPath: testHome.home.path(of: FaultHome.state))
      return [ending]
    },
  ]

  /// None of these is read as a session: a new one is made.
  private static let damaged: [Fault] = [
    record("is cut short at every 16th byte") { testHome, path in
      let text = testHome.home.read(path) ?? ""
      return stride(from: 0, to: text.utf8.count - 1, by: 16).map { String(text.prefix($0)) }
    },
    record("has a line too many, or one of another field") { testHome, path in
      let text = testHome.home.read(path) ?? ""
      return [
        text + "address -oProxyCommand=x 22\n", text + "more 1\n",
        text.replacingOccurrences(of: "expires ", with: "expires -"),
        text.replacingOccurrences(of: "stream direct", with: "stream other"),
        text.replacingOccurrences(of: "record 3", with: "record 1"),
      ]
    },
    record("is 1 MiB of zeros") { _, _ in [String(repeating: "\0", count: 1 << 20)] },
    replaced("the record is a FIFO") { mkfifo($0, 0o600) },
    // What stood there is a good record, and would count.
    replaced("the record is a link to another file") { symlink($0 + ".old", $0) },
    replaced("the record is a folder") { mkdir($0, 0o700) },
    replaced("the record is another user's") { path in
      rename(path + ".old", path) == 0
        ? chown(path, OrdinaryUser.identifier, OrdinaryUser.identifier) : -1
    },
    Fault(
      .disk, "the alias's pointer leads out of its folder", status: 0, left: Left(here: 1, there: 2)
    ) { testHome in
      _ = try testHome.connect()
      let pointer = testHome.home.path(of: "\(FaultHome.state)/sessions/sb1.prime/current")
      unlink(pointer)
      symlink("../../../../../etc", pointer)
      // The session that nothing points to any more is swept when it has expired.
      try testHome.home.rewriteRecords(of: "sb1.prime") {
        $0.hasPrefix("expires") ? "expires 1700000000" : $0
      }
      return [try testHome.connect()]
    },
  ]

  private static func record(
    _ name: String, _ texts: @escaping @Sendable (FaultHome, String) -> [String]
  ) -> Fault {
    Fault(.disk, "the record \(name)", status: 0, left: .session, within: Fault.atOnce) {
      testHome in
      _ = try testHome.connect()
      let texts = texts(testHome, try path(of: testHome))
      return try texts.map { text in
        testHome.wipe()
        _ = try testHome.connect()
        try testHome.home.write(text, to: try path(of: testHome))
        testHome.provider.forgetSessions()
        return try testHome.connect()
      }
    }
  }

  private static func replaced(
    _ name: String, _ make: @escaping @Sendable (String) -> Int32
  ) -> Fault {
    Fault(.disk, name, status: 0, left: .session, within: Fault.atOnce) { testHome in
      _ = try testHome.connect()
      let path = testHome.home.path(of: try path(of: testHome))
      rename(path, path + ".old")
      guard make(path) == 0 else { throw Unexpected("it could not be made") }
      testHome.provider.forgetSessions()
      return [try testHome.connect()]
    }
  }

  private static func path(of testHome: FaultHome) throws -> String {
    guard let name = testHome.home.sessions(of: "sb1.prime").first else {
      throw Unexpected("no session")
    }
    return "\(FaultHome.state)/sessions/sb1.prime/\(name)/record"
  }
}
