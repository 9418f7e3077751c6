import TestSupport

/// Commands by which TensorPool, taken over, would have ssh run something.
struct HostileCommands {
  let pwned: String

  static let field = HostileField(call: .tensorpoolAsk, name: "a whole command") { _, _, text in
    Reply(200, Array(#"{"command":"#.utf8) + text + Array("}".utf8))
  }

  var all: [String] {
    let touch = "touch \(pwned)"
    let options = [
      "-oProxyCommand='\(touch)'", "-o ProxyCommand='\(touch)'", "-o 'ProxyCommand \(touch)'",
      "-o 'proxycommand=\(touch)'", "-oPROXYCOMMAND='\(touch)'", "-o'ProxyCommand = \(touch)'",
      "-toProxyCommand='\(touch)'", "-qvoProxyCommand='\(touch)'", "-o \"ProxyCommand='\(touch)'\"",
      "-o ' ProxyCommand \(touch)'", "-o 'ProxyCommand\t\(touch)'", "-o'Proxy'Command='\(touch)'",
      "-o LocalCommand='\(touch)' -o PermitLocalCommand=yes", "-o 'Match exec \"\(touch)\"'",
      "-o 'Include \(pwned)'", "-F \(pwned)", "-F/dev/null", "-S \(pwned)", "-E \(pwned)",
      "-J node1.tensorpool", "-J x@NODE1.tensorpool", "-o ProxyJump=dm-1.dedalus,127.0.0.1",
      "-o ControlPath=\(pwned)", "-o ControlMaster=yes", "-M", "-f", "-N", "-n", "-s", "-W a:1",
      "-w 0", "-D 1080", "-L 1:a:1", "-R 1:a:1", "-R 0", "-o RemoteForward='1 a:1'",
      "-o KnownHostsCommand='\(touch)'", "-o PKCS11Provider=\(pwned)", "-I \(pwned)",
      "-o SecurityKeyProvider=\(pwned)", "-o IdentityAgent=\(pwned)", "-o SendEnv=*",
      "-o SetEnv=A=1", "-o ForwardX11=yes", "-X", "-Y", "-K", "-o HostName=-x", "-B lo",
      "-b 1.2.3.4",
      "-o UserKnownHostsFile2=\(pwned)", "-J '-oProxyCommand=\(touch)'", "-J 'a;\(touch)'",
      "-J 'a`\(touch)`'", "-l '-oProxyCommand=\(touch)'", "-i '\(pwned);x'", "-i '%d/x'",
      "-o User='$(\(touch))'", "-o 'Port 22\nProxyCommand \(touch)'", "-o 'User a\nHost *'",
    ]
    return options.map { "ssh \($0) ubuntu@127.0.0.1" } + [
      "ssh '-oProxyCommand=\(touch)'", "ssh -- '-oProxyCommand=\(touch)'",
      "ssh a@127.0.0.1 \(touch)",
      "ssh a@127.0.0.1; \(touch)", "ssh a@127.0.0.1 && \(touch)", "ssh a@127.0.0.1\n\(touch)",
      "\(touch)", "sh -c '\(touch)'", "env ssh a@127.0.0.1", "/tmp/ssh a@127.0.0.1",
      "A=1 ssh a@127.0.0.1", "ssh $(\(touch))@127.0.0.1", "ssh a@$(\(touch))", "ssh `\(touch)`",
      "ssh 'ssh://a@127.0.0.1:22/\(pwned)'", "ssh a@127.0.0.1 -oProxyCommand='\(touch)'",
    ]
  }
}
