import Dialing
import OpenSSH
import SSHClient
import SystemIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whatever an SSH server sends ends in a status or a failure that can be shown, in bounded time.
enum ServerTarget {
  nonisolated(unsafe) private static let caller = HangUpMonitor.nobody
  private static let kinds: Set<Failure.Kind> = [
    .temporary, .invalidResponse, .denied, .rejected, .unreachable,
  ]
  /// Longer than any input should take, in milliseconds.
  private static let timeout = 4000
  private static let address = SocketAddress(host: "127.0.0.1", port: 22)

  private static func proof() -> HostProof { .pinned([], host: "a server") { [$0] } }

  /// All that a server says before there are keys: its version, and the messages of the key exchange.
  static func plain(_ input: [UInt8]) {
    var ends: [Int32] = [-1, -1]
    guard let address, socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
      return promise(false, "no sockets")
    }
    let server = Descriptor(owning: ends[1])
    let client = Descriptor(owning: ends[0])
    client.setNonBlocking()
    server.setNonBlocking()
    _ = input.withUnsafeBytes { SystemTransfer.send(server.number, $0) }
    shutdown(server.number, Int32(SHUT_WR))
    let before = processorTime
    do throws(Failure) {
      _ = try SSHSession(
        over: client, peer: address, proof: proof(), until: Moment.now + timeout, caller: caller)
      promise(false, "a session without a key")
    } catch {
      promiseShowable(error, kinds: kinds)
    }
    let took = processorTime - before
    promise(took < timeout, "it took \(took) ms of the processor")
  }

  /// What this process has used of it, in milliseconds: the clock also counts what others use.
  private static var processorTime: Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  }

  /// SSH_MSG_CHANNEL_REQUEST (RFC 4254, section 9), which an exit status comes in.
  private static let channelRequest: UInt8 = 98
  private static let port: UInt16? = getenv("FUZZ_PORT").flatMap { UInt16(String(cString: $0)) }
  private static let hexadecimal = Array("0123456789abcdef")

  /// Messages of a server with keys (`scripts/support/hostile-server.py`, which encrypts them): the
  /// first byte says whether they come instead of the login or of a command's output.
  static func encrypted(_ input: [UInt8]) {
    guard let port, let address = SocketAddress(host: "127.0.0.1", port: port) else {
      return promise(false, "no FUZZ_PORT")
    }
    let text = String(
      input.dropFirst().prefix(400).flatMap {
        [hexadecimal[Int($0 >> 4)], hexadecimal[Int($0 & 15)]]
      })
    let isLogin = (input.first ?? 0) & 1 != 0
    let start = Moment.now
    do throws(Failure) {
      guard
        let socket = try? DialAttempt(to: DialDestination([address]), until: start + timeout)
          .connect(
            caller: caller),
        let nothing = try? Descriptor.open("/dev/null", flags: O_RDWR)
      else { return promise(false, "no connection") }
      let session = try SSHSession(
        over: socket, peer: address, proof: proof(), until: start + timeout, caller: caller)
      try session.logIn(
        as: isLogin ? "raw-\(text)" : "user", key: try KeyPair.generate(.ed25519),
        certificate: nil)
      let status = try session.execute(isLogin ? "nothing" : "raw \(text)")
        .run(input: nothing.number, output: nothing.number, error: nothing.number)
      // A request that comes before there is a channel waits for it: the server's word all the same.
      let isSent = !isLogin || input.contains(Self.channelRequest)
      promise(isSent, "a status \(status) that nobody has sent")
    } catch {
      promiseShowable(error, kinds: kinds)
    }
  }
}
