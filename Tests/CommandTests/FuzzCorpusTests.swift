import Foundation
import TestSupport
import Testing

/// What the fuzzers have learnt stays true: every input of the corpus, through the target that it is for.
/// `scripts/fuzz` looks for new ones.
@Suite(.timed) struct FuzzCorpusTests {
  private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fuzz/corpus")

  private static let targets: [String] =
    (try? FileManager.default.contentsOfDirectory(atPath: corpus.path))?.sorted() ?? []

  @Test func thereIsACorpus() { #expect(Self.targets.count >= 12) }

  @Test(arguments: targets) func replay(_ target: String) throws {
    let folder = try TemporaryDirectory("fuzz")
    try folder.write("key\n", to: ".ssh/key")
    try folder.write("", to: "key")
    let server = target == "messages" ? try HostileServer() : nil
    let seeds = Self.corpus.appending(path: target)
    let files = try FileManager.default.contentsOfDirectory(atPath: seeds.path).sorted()
    let end = try RunningProgram(
      BuiltProgram.path(of: "Fuzz"), files.map { seeds.appending(path: $0).path },
      environment: [
        "FUZZ_TARGET": target, "FUZZ_FOLDER": folder.path, "FUZZ_PORT": "\(server?.port ?? 0)",
        "HOME": folder.path, "PATH": "/usr/bin:/bin",
      ]
    ).end(within: 300)
    #expect(end.status == 0, "\(target): \(end.errors.suffix(600))")
    #expect(!files.isEmpty && end.errors.split(separator: "\n").count >= files.count)
  }
}
