// The C library under one name on every system: importing SystemIO is enough. CSystem adds what
// Swift cannot import from it.
@_exported public import CSystem
// The one error, likewise.
@_exported public import Diagnostics
// Every text that leaves a room is made safe to show, so the grammar comes along, too.
@_exported public import Grammar

#if canImport(Glibc)
  @_exported public import Glibc
#else
  @_exported public import Darwin
#endif

// What these types hold before the C library has filled them: on Darwin they are pointers.
#if canImport(Glibc)
  func noSpawnActions() -> posix_spawn_file_actions_t { posix_spawn_file_actions_t() }
  func noSpawnAttributes() -> posix_spawnattr_t { posix_spawnattr_t() }
#else
  func noSpawnActions() -> posix_spawn_file_actions_t? { nil }
  func noSpawnAttributes() -> posix_spawnattr_t? { nil }
#endif

extension String {
  /// What the C library has put into a buffer, up to the NUL.
  init(filled characters: [CChar]) {
    let bytes = characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    self.init(decoding: bytes, as: UTF8.self)
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Overwrites the bytes in a way that no optimizer removes.
  public func wipe() { csystem_wipe(baseAddress, count) }
}

extension [UInt8] {
  /// Overwrites the bytes in a way that no optimizer removes. Copies made before are not reached.
  public mutating func wipe() { withUnsafeMutableBytes { $0.wipe() } }

  /// Its bytes, for a call that throws one kind of error. `Array.span` would do, but not before macOS 26.
  public func withRawBytes<Result, Thrown: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Thrown) -> Result
  ) throws(Thrown) -> Result {
    try withUnsafeBufferPointer { (bytes) throws(Thrown) in
      try body(UnsafeRawBufferPointer(bytes))
    }
  }
}
