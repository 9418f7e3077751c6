// The C library under one name: whoever imports SystemIO need not ask which system this is.
#if canImport(Glibc)
  @_exported public import Glibc
#else
  @_exported public import Darwin
#endif
