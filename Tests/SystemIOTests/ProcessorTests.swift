import SystemIO
import Testing

@Suite struct ProcessorTests {
  @Test(arguments: [
    ("flags\t\t: fpu aes pclmulqdq avx\n", true), ("Features\t: fp asimd aes pmull sha1\n", true),
    // One core without, an instruction missing, another line's word, another architecture.
    ("flags : aes pclmulqdq\nflags : fpu\n", false), ("flags : fpu aes avx\n", false),
    ("flags : aesni pclmulqdq\n", false), ("model name : aes pclmulqdq\nflags : fpu\n", false),
    ("isa : rv64imafdc\n", false), ("", false),
  ])
  func fastAESGCM(_ information: String, _ expected: Bool) {
    #expect(Processor.hasFastAESGCM(information: information) == expected)
  }
}
