#if DEBUG && os(Linux) && !PORTABLE
  /// What an attacker would try from inside a confined process. Debug builds alone have it, for the
  /// tests; scripts/support/hardening looks that no release has.
  enum EscapeAttempt {
    /// `SSHPROXY_CONFINE`: `none`, `calls` or `files` stands for a kernel that has no more. Programs
    /// with a sanitizer need `none`: it reads /proc and starts a process when it looks for leaks.
    static var wantedExtent: Confinement.Extent {
      switch Environment.value("SSHPROXY_CONFINE") {
      case "none": []
      case "calls": .calls
      case "files": .files
      default: [.calls, .files]
      }
    }

    /// `SSHPROXY_TRY_ESCAPE` is a TCP port of this computer. For each attempt, standard error gets a
    /// line `escape: NAME ERROR`, where 0 is a success.
    static func runIfWanted() {
      guard let port = Environment.value("SSHPROXY_TRY_ESCAPE").flatMap({ UInt16($0) }),
        let home = Environment.value("HOME")
      else { return }
      tell("read", attempt { open("\(home)/.ssh/id_ed25519", O_RDONLY) })
      tell("write", attempt { open("\(home)/.bashrc", O_WRONLY | O_CREAT, 0o600) })
      tell("connect", connect(to: port))
      tell("fastopen", beginFast(to: port))
      tell("mptcp", attempt { makeSocket(AF_INET, socketStreamType, 262) })
      tell("chmod", chmod("\(home)/.ssh/id_ed25519", 0o644) == 0 ? 0 : errno)
      tell("fchmodat", fchmodat(AT_FDCWD, "\(home)/.ssh/id_ed25519", 0o644, 0) == 0 ? 0 : errno)
      tell("truncate", truncate("\(home)/.ssh/id_ed25519", 0) == 0 ? 0 : errno)
      tell("share", share())
      tell("type", type())
      tell("run", run("/bin/sh"))
    }

    private static func tell(_ name: String, _ error: Int32) {
      SystemTransfer.write(STDERR_FILENO, "escape: \(name) \(error)\n")
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

    /// Connects and sends in one call (tcp(7), TCP Fast Open).
    private static func beginFast(to port: UInt16) -> Int32 {
      let number = makeSocket(AF_INET, socketStreamType, 0)
      guard number >= 0, let address = SocketAddress(host: "127.0.0.1", port: port) else {
        return errno
      }
      defer { close(number) }
      let fastOpen: Int32 = 0x2000_0000
      let sent = address.withRaw { sendto(number, "x", 1, fastOpen, $0, $1) } ?? -1
      return sent < 0 ? errno : 0
    }

    /// Makes memory that programs share, as it would find that of others (shmget(2)).
    private static func share() -> Int32 {
      let number = shmget(IPC_PRIVATE, 1, IPC_CREAT | 0o600)
      guard number >= 0 else { return errno }
      shmctl(number, IPC_RMID, nil)
      return 0
    }

    /// Types into the shell behind the terminal (ioctl_tty(2), TIOCSTI); ENOTTY where there is no terminal.
    private static func type() -> Int32 {
      var letter = UInt8(ascii: " ")
      return ioctl(STDERR_FILENO, UInt(0x5412), &letter) == 0 ? 0 : errno
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

  // A name of its own, because a member of that name would hide the C function.
  private func makeSocket(_ family: Int32, _ type: Int32, _ protocolNumber: Int32) -> Int32 {
    socket(family, type, protocolNumber)
  }
#endif
