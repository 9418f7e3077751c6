// The C library under one name on every system: importing SystemIO is enough. CSystem adds what
// Swift cannot import from it.
@_exported public import CSystem
// Every text that leaves a room is made safe to show, so the grammar comes along, too.
@_exported public import Grammar

#if canImport(Glibc)
  @_exported public import Glibc
#else
  @_exported public import Darwin
#endif
