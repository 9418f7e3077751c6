// What the two programs agree on besides the record.

/// The version of both programs (SemVer): `sshproxy-session` does not work for an `sshproxy` of another one.
public let version = "0.2.0"

/// The environment variable by which `sshproxy` tells `sshproxy-session` its version.
public let versionVariable = "SSHPROXY_VERSION"

/// The environment variable by which `sshproxy` tells `sshproxy-session` the absolute path that it was called by.
public let programVariable = "SSHPROXY_PROGRAM"
