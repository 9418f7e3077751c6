// The functions that libFuzzer calls (llvm.org/docs/LibFuzzer.html); its main function is its own.
#if FUZZING
  @_cdecl("LLVMFuzzerInitialize")
  public func initialize(
    _ count: UnsafeMutablePointer<Int32>, _ words: UnsafeMutableRawPointer
  ) -> Int32 {
    FuzzTarget.prepare()
    return 0
  }

  @_cdecl("LLVMFuzzerTestOneInput")
  public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    FuzzTarget.chosen?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
  }
#endif
