// The C library under one name: whoever imports SystemIO need not ask which system this is.
// CSystem adds what Swift's own import of it leaves out.
@_exported public import CSystem

#if canImport(Glibc)
  @_exported public import Glibc
#else
  @_exported public import Darwin
#endif
