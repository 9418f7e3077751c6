import SystemIO

@testable import OpenSSH

/// An accepted command means what its parts say, and its parts are inside their grammar; a refused
/// one is refused as nonsense.
enum CommandTarget {
  private static let home = FuzzTarget.folder

  static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let command: SentCommand
    do throws(Failure) {
      command = try SentCommand(parsing: text, home: home)
    } catch {
      promiseShowable(error, kinds: [.invalidResponse])
      return
    }
    promise(Grammar.isHost(command.host), "host \(command.host)")
    promise(command.login.map(Grammar.isLogin) ?? true, "login")
    promise(Grammar.isPort(command.port), "port \(command.port)")
    promise(command.jump?.isEmpty != true, "jump")
    let allowed: Set<Setting.Keyword> = [
      .identitiesOnly, .connectTimeout, .serverAliveInterval, .serverAliveCountMax,
    ]
    promise(command.options.allSatisfy { allowed.contains($0.keyword) }, "options")
    promise(Set(command.options.map(\.keyword)).count == command.options.count, "an option twice")

    // What ssh would be told can be written, and says the same when it is read back.
    var settings = command.options
    settings += [Setting(.hostName, command.host), Setting(.port, String(command.port))]
    if let login = command.login { settings.append(Setting(.user, login)) }
    if let jump = command.jump?.map(\.text).joined(separator: ",") {
      settings.append(Setting(.proxyJump, jump))
    }
    if let file = command.identityFile { settings.append(Setting(.identityFile, file)) }
    promiseWritable(settings)

    let again = try? SentCommand(parsing: spelled(command), home: home)
    promise(again == command, "\(spelled(command)) means something else")
  }

  /// The same command in its plainest spelling.
  private static func spelled(_ command: SentCommand) -> String {
    var words = ["ssh", "-p", String(command.port)]
    if let login = command.login { words += ["-l", login] }
    if let jump = command.jump?.map(\.text).joined(separator: ",") { words += ["-J", jump] }
    if let file = command.identityFile { words += ["-i", "'\(file)'"] }
    for option in command.options { words += ["-o", "\(option.keyword.rawValue)=\(option.value)"] }
    return (words + ["--", command.host]).joined(separator: " ")
  }
}

/// What every checked setting promises: ssh's generated configuration can hold it.
func promiseWritable(_ settings: [Setting]) {
  let blocks = [ClientConfiguration.Block(alias: "alias.example", settings: settings)]
  do throws(Failure) {
    let text = try ClientConfiguration.render(blocks)
    let lines = text.utf8.count { $0 == 0x0a }
    // The line about the login stands behind the block that has one.
    let notes = blocks.compactMap({ LoginNote($0, program: nil) }).count
    promise(lines == 4 + notes + settings.count, "\(lines) lines for \(settings.count) settings")
    promise(try ClientConfiguration.check(text) == blocks, "read back differently:\n\(text)")
  } catch {
    promise(false, "cannot be written: \(error.message)")
  }
}
