import Foundation
import TestSupport
import Testing

/// A program that reads ssh's configuration. Its own source is a few lines in `Readers`, around the
/// library that it is about.
enum Reader: String, CaseIterable, CustomTestStringConvertible {
  /// go-git and many Go programs.
  case kevinburke
  case libssh
  case netSSH = "net-ssh"
  case paramiko
  /// As the system has it, and as PyPI has it: the first has no `Match originalhost`.
  case asyncssh
  case newAsyncssh = "asyncssh of PyPI"
  /// Follows Include and takes a line of Match for no condition.
  case includeOnly = "Include without Match"

  var testDescription: String { rawValue }

  /// The command that prints a line for each host that follows it.
  var configWords: [String] {
    switch self {
    case .kevinburke: [Self.built("kevinburke")]
    case .libssh: [Self.built("libssh_config")]
    case .netSSH: ["/usr/bin/ruby", "-W0", Self.source("net_ssh.rb"), "config"]
    case .paramiko: ["/usr/bin/python3", Self.source("paramiko_reader.py"), "config"]
    case .asyncssh: ["/usr/bin/python3", Self.source("asyncssh_reader.py"), "config"]
    case .newAsyncssh: [Self.python, Self.source("asyncssh_reader.py"), "config"]
    case .includeOnly: ["/usr/bin/python3", Self.source("include_reader.py")]
    }
  }

  /// The command that logs in as the file and for the host that follow it, and prints $USER there;
  /// `nil` where the program only reads.
  var loginWords: [String]? {
    switch self {
    case .libssh: [Self.built("libssh_login")]
    case .netSSH, .paramiko, .asyncssh, .newAsyncssh: configWords.dropLast() + ["login"]
    case .kevinburke, .includeOnly: nil
    }
  }

  /// Whether it follows Include as far as to a session's settings.
  var findsSessions: Bool { self != .paramiko && self != .asyncssh }

  static func source(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Readers/\(name)").path
  }

  /// The interpreter of the environment that scripts/bootstrap makes.
  private static let python = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../.build-readers/bin/python").standardized.path

  private static func built(_ name: String) -> String {
    ((try? BuiltReaders.folder.get())?.path(of: name)) ?? name
  }
}

/// The readers that have to be compiled, which is done once.
enum BuiltReaders {
  static let folder = Result { try build() }

  private static func build() throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("readers")
    let script = """
      set -e
      cd '\(folder.path)'
      for name in libssh_config libssh_login; do
        cc -Wall -Wextra -Werror -o $name '\(Reader.source(""))'/$name.c -lssh
      done
      # Debian's packages for Go are sources in one place, from before modules.
      GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$PWD/cache GOFLAGS= \\
        go build -o kevinburke '\(Reader.source("kevinburke.go"))'
      rm -r cache
      """
    let end = try RunningProgram(
      "/bin/bash", ["-c", script],
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path]
    ).end(within: 600)
    guard end.status == 0 else {
      throw Unexpected("the readers cannot be built; has scripts/bootstrap run? \(end)")
    }
    return folder
  }
}
