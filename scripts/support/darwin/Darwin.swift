// What Apple's own Swift overlay adds to its C library: variadic functions and macros that are not numbers.
// Only for type checks: nothing here is ever run.
@_exported import DarwinC

public var errno: Int32 {
  get { __error().pointee }
  set { __error().pointee = newValue }
}

public func fcntl(_ descriptor: Int32, _ command: Int32) -> Int32 { fatalError() }
public func fcntl(_ descriptor: Int32, _ command: Int32, _ value: Int32) -> Int32 { fatalError() }
public func open(_ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 { fatalError() }
public func open(_ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: mode_t) -> Int32 {
  fatalError()
}
public func openat(_ folder: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
  fatalError()
}
public func openat(
  _ folder: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: mode_t
) -> Int32 { fatalError() }

public var SIG_DFL: sig_t? { nil }
public var SIG_IGN: sig_t { fatalError() }
public var MAP_FAILED: UnsafeMutableRawPointer! { nil }
public var CLOCK_REALTIME: clockid_t { fatalError() }
public var CLOCK_MONOTONIC: clockid_t { fatalError() }

// For ArgumentParser.
public var stderr: UnsafeMutablePointer<FILE>! { nil }
public var TIOCGWINSZ: UInt { fatalError() }
public func ioctl(
  _ descriptor: Int32, _ request: UInt, _ value: UnsafeMutableRawPointer
) -> Int32 { fatalError() }
