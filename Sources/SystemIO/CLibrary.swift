// The C library under one name on every system: importing SystemIO is enough. CSystem adds what
// Swift cannot import from it.
@_exported public import CSystem
// The one error, likewise.
@_exported public import Diagnostics

#if canImport(Glibc)
  @_exported public import Glibc
#else
  @_exported public import Darwin
#endif
