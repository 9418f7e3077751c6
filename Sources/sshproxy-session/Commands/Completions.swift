import ArgumentParser
import Configuration
import Providers
import Sessions
import SystemIO

extension CompletionKind {
  /// The aliases that this computer knows of.
  static var aliases: CompletionKind { .custom { words, _, _ in Completions(words).aliases } }

  /// The aliases that have a session.
  static var sessions: CompletionKind { .custom { words, _, _ in Completions(words).sessions } }
}

/// The completions for the shell, read from this computer's files within milliseconds. No provider is
/// asked, nothing is written, and unreadable files are skipped.
struct Completions {
  private let files: FileLocations?
  private let environment: [String: String]

  /// - Parameter words: the command line so far, which may say where the files are.
  init(_ words: [String]) {
    func value(of option: LocationOption) -> String? {
      words.firstIndex(of: option.word).flatMap { words.dropFirst($0 + 1).first }
    }
    environment = Environment.variables
    files = try? FileLocations(
      home: value(of: .home), config: value(of: .config), state: value(of: .state),
      environment: environment, passwordFileHome: User.home)
  }

  /// Names under `[hosts]`, aliases with a session, and machines that `list` has shown, by id and by name.
  var aliases: [String] {
    guard let files else { return [] }
    let configuration = try? Configuration.load(
      files, environment: environment, vendors: Installed.facts)
    let lists = MachineCache(files).lists
    let listed = lists.flatMap { $0.machines.compactMap(\.alias) }
    let named = lists.flatMap { list in
      list.names.compactMap { name in
        configuration?.provider(named: list.provider).flatMap {
          configuration?.alias(ofMachine: name, at: $0)
        }
      }
    }
    return Array(Set((configuration?.hostNames ?? []) + sessions + listed + named)).sorted()
  }

  var sessions: [String] {
    // Opening a store makes its directory.
    guard let files, FilePath.isReadable(files.stateDirectory),
      let store = try? SessionStore(path: files.stateDirectory)
    else { return [] }
    return Set(store.all().map(\.target.alias)).sorted()
  }
}
