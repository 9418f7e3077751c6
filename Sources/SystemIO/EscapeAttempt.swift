#if DEBUG && os(Linux) && !PORTABLE
  /// What an attacker would try from inside a confined process. Debug builds alone have it, for the
  /// tests; scripts/support/hardening looks that no release has.
  enum EscapeAttempt {
    /// `SSHPROXY_CONFINE`: `none`, `calls` or `files` stands for a kernel that has no more. Programs
    /// with a sanitizer need `none`: it reads /proc and starts a process when it looks for leaks.
    static var wantedExtent: Confinement.Extent {
      switch getenv("SSHPROXY_CONFINE").map({ String(cString: $0) }) {
      case "none": []
      case "calls": .calls
      case "files": .files
      default: [.calls, .files]
      }
    }

    /// `SSHPROXY_TRY_ESCAPE` is a TCP port of this computer. For each attempt, standard error gets a
    /// line `escape: NAME ERROR`, where 0 is a success.
    static func runIfWanted() {
      guard let port = getenv("SSHPROXY_TRY_ESCAPE").flatMap({ UInt16(String(cString: $0)) }),
        let home = getenv("HOME").map({ String(cString: $0) })
      else { return }
      tell("read", attempt { open("\(home)/.ssh/id_ed25519", O_RDONLY) })
      tell("write", attempt { open("\(home)/.bashrc", O_WRONLY | O_CREAT, 0o600) })
      tell("connect", connect(to: port))
      tell("run", run("/bin/sh"))
    }

    private static func tell(_ name: String, _ error: Int32) {
      Array("escape: \(name) \(error)\n".utf8).withUnsafeBytes {
        _ = SystemTransfer.write(STDERR_FILENO, $0)
      }
    }

    private static func attempt(_ body: () -> Int32) -> Int32 {
      let result = body()
      guard result >= 0 else { return errno }
      close(result)
      return 0
    }

    private static func connect(to port: UInt16) -> Int32 {
      guard let address = SocketAddress(host: "127.0.0.1", port: port) else { return EINVAL }
      do {
        let socket = try address.beginConnecting()
        var item = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
        poll(&item, 1, 2000)
        return socket.pendingError
      } catch {
        return error.number
      }
    }

    private static func run(_ program: String) -> Int32 {
      withCStrings([program, "-c", "exit 0"]) { words in
        var child: pid_t = 0
        let error = posix_spawn(&child, program, nil, nil, words, csystem_environment())
        if error == 0 { waitpid(child, nil, 0) }
        return error
      }
    }
  }
#endif
