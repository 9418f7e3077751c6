/// The version of both programs (SemVer). The hot one refuses a companion of another.
public let version = "0.1.0"

/// The environment variable by which `sshproxy` tells `sshproxy-session` its version.
public let versionVariable = "SSHPROXY_VERSION"
