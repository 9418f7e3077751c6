import Foundation
import OpenSSH
import SystemIO
import Testing

@Suite struct SentCommandTests {
  /// The shell splits the command and ssh reads the words: what they say is what we say.
  @Test(arguments: acceptedCommands)
  func agreesWithShellAndSSH(command: String) throws {
    let bench = try Workbench()
    let parsed = try SentCommand(parsing: command, home: bench.path)
    try bench.write("script", "ssh() { command ssh -G -F none \"$@\"; }\n\(command)\n")
    let output = try bench.run("sh", "script").text
    var said: [String: String] = [:]
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      if words.count == 2, said[words[0]] == nil { said[words[0]] = words[1] }
    }
    #expect(said["hostname"]?.lowercased() == parsed.host.lowercased(), "\(output)")
    #expect(said["port"] == "\(parsed.port)")
    #expect(said["user"] == parsed.login ?? NSUserName())
    #expect(said["proxyjump"] == parsed.jump?.map(\.text).joined(separator: ","))
    for option in parsed.options {
      #expect(said[option.keyword.rawValue.lowercased()] == option.value, "\(option)")
    }
    #expect(parsed.identityFile == nil)
    for option in parsed.options { _ = try option.arguments() }
  }

  @Test(arguments: refusedCommands)
  func refuses(command: String, named: String?) throws {
    let failure = try #require(throws: Failure.self) {
      try SentCommand(parsing: command, home: "/nonexistent")
    }
    #expect(failure.kind == .invalidResponse)
    if let named {
      let words = failure.message.split(separator: ",")[0]
      #expect("\(words) ".contains("the option \(named) "), "\(failure.message)")
    }
    for value in ["id", "/tmp", "localhost", "secret", "evil", "8080"] {
      let words = failure.message.split { !$0.isLetter && !$0.isNumber && $0 != "/" }
      #expect(!words.contains { $0.hasPrefix(value) }, "\(failure.message)")
    }
    #expect(failure.message.utf8.allSatisfy { (0x20...0x7e).contains($0) })
  }

  @Test func tableIsLargeEnough() {
    #expect(acceptedCommands.count + refusedCommands.count >= 250)
  }

  @Test func refusesTooLong() {
    let command = "ssh root@h " + String(repeating: "-t ", count: 3000)
    #expect(throws: Failure.self) { try SentCommand(parsing: command, home: "/") }
    #expect(throws: Failure.self) {
      try SentCommand(parsing: "ssh root@" + String(repeating: "h", count: 65536), home: "/")
    }
  }

  @Test func takesTheUsersOwnKeys() throws {
    let bench = try Workbench()
    let home = bench.path
    try bench.run("mkdir", "-p", ".ssh/with space", "elsewhere", ".ssh/folder")
    for file in [".ssh/id", ".ssh/with space/id", ".ssh/%h", ".ssh/a\"b", "elsewhere/id", "id"] {
      try bench.write(file, "x")
    }
    try bench.write(".ssh/empty", "")
    try bench.write(".ssh/largest", String(repeating: "x", count: 64 << 10))
    try bench.write(".ssh/larger", String(repeating: "x", count: 64 << 10 + 1))
    for (link, place) in [
      ("out", "../elsewhere/id"), ("within", "id"), ("zero", "/dev/zero"),
      ("pages", "/proc/self/pagemap"), ("dangling", "nowhere"),
    ] { try bench.run("ln", "-s", place, ".ssh/\(link)") }
    try bench.run("mkfifo", ".ssh/pipe")
    func identity(_ words: String) throws -> String? {
      try SentCommand(parsing: "ssh \(words) root@h", home: home).identityFile
    }
    #expect(try identity("-i ~/.ssh/id") == "\(home)/.ssh/id")
    #expect(try identity("-i~/.ssh/id") == "\(home)/.ssh/id")
    #expect(try identity("-i \(home)/.ssh/id") == "\(home)/.ssh/id")
    #expect(try identity("-i '~/.ssh/with space/id'") == "\(home)/.ssh/with space/id")
    #expect(try identity("-i ~/.ssh/largest") == "\(home)/.ssh/largest")
    #expect(try identity("-i ~/.ssh/within") == "\(home)/.ssh/within")
    #expect(try identity("-oIdentityFile=~/.ssh/id") == "\(home)/.ssh/id")
    #expect(try identity("-o 'IdentityFile ~/.ssh/id'") == "\(home)/.ssh/id")
    #expect(try identity("-i ~/.ssh/none -i ~/.ssh/id") == "\(home)/.ssh/id")
    let detour = String(repeating: "./", count: 500)
    #expect(try identity("-i ~/.ssh/\(detour.prefix(500))id") != nil)
    #expect(try identity("-i ~/.ssh/\(detour)id") == nil)
    for words in [
      "-i ~/.ssh", "-i ~/.ssh/", "-i ~/.ssh/none", "-i .ssh/id", "-i id", "-i ~root/.ssh/id",
      "-i ~/.ssh/../.ssh/id", "-i ~/.ssh/%h", "-i '~/.ssh/a\"b'", "-i /dev/null", "-i /dev/zero",
      "-i ''", "-i ~", "-i /proc/self/environ/..", "-oIdentityFile=%d/.ssh/id",
      "-i /proc/self/pagemap", "-i /proc/self/maps", "-i /etc/passwd", "-i /sys/kernel/mm",
      "-i ~/id", "-i ~/elsewhere/id", "-i ~/.sshx/id", "-i ~/.ssh/empty", "-i ~/.ssh/larger",
      "-i ~/.ssh/out", "-i ~/.ssh/zero", "-i ~/.ssh/pages", "-i ~/.ssh/dangling",
      "-i ~/.ssh/pipe", "-i ~/.ssh/folder", "-oIdentityFile=/proc/self/pagemap",
    ] {
      #expect(try identity(words) == nil, "\(words)")
    }
  }

  @Test func keepsWhatSSHNeeds() throws {
    let command = try SentCommand(
      parsing: "ssh -o ConnectTimeout=5 -J ssh://a@b:3/,[::1]:4 -oIdentitiesOnly=true u@h -p 9",
      home: "/")
    #expect(command.options == [Setting(.connectTimeout, "5"), Setting(.identitiesOnly, "yes")])
    let hops = try #require(command.jump).map(\.text).joined(separator: ",")
    #expect(hops == "a@b:3,[::1]:4")
    let jump = Setting(.proxyJump, hops)
    #expect(try jump.arguments() == ["-o", "ProxyJump=a@b:3,[::1]:4"])
  }
}
