#if !FUZZING
  import SystemIO

  #if canImport(Glibc)
    import Glibc
  #else
    import Darwin
  #endif

  /// Without libFuzzer: `Fuzz FILE…` runs each file once, which is how the tests replay the corpus.
  @main enum Replay {
    static func main() {
      FuzzTarget.prepare()
      for path in CommandLine.arguments.dropFirst() {
        guard let file = try? Descriptor.open(path, flags: O_RDONLY),
          let bytes = try? file.readAll(limit: 1 << 20)
        else {
          say("cannot read \(path)\n")
          exit(66)
        }
        // What a broken promise or a crash was about.
        say("\(path)\n")
        FuzzTarget.chosen?.run(bytes)
      }
    }
  }
#endif
