import Configuration
import SystemIO

extension ProviderFactory {
  /// Confines this process, for good, at its first request: by then the configuration and the keys
  /// have been read, and nothing that the provider answers has. Not for a process that runs a program
  /// afterwards.
  /// - Parameters: directories and files besides those that TLS and name lookup need.
  public func confineTalks(writing writable: [String], reading readable: [String] = []) {
    // Not the factory, which holds the client and by it this closure.
    client.beforeFirstRequest = { [configuration, environment, gateways] in
      var places = Confinement.Places(
        forTalksOf: configuration, environment, writing: writable, reading: readable)
      if gateways.areReached { places.ports = nil }
      Confinement.to(places)
    }
  }

  /// The same at once, and with nothing to write.
  public func confine() {
    Confinement.to(
      Confinement.Places(forTalksOf: configuration, environment, writing: [], reading: []))
  }
}

extension Confinement.Places {
  fileprivate init(
    forTalksOf configuration: Configuration, _ environment: [String: String],
    writing writable: [String], reading readable: [String]
  ) {
    let named = SystemPlaces.variables.compactMap { environment.nonEmpty($0) }
    // A list, to OpenSSL.
    let directories = (environment["SSL_CERT_DIR"] ?? "").split(separator: ":").map(String.init)
    let certificates = directories + directories.flatMap(SystemPlaces.linkedCertificates)
    self.init(
      readable: SystemPlaces.all + named + certificates + readable, writable: writable,
      ports: TalkPorts.all(configuration, environment), home: configuration.files.home)
  }
}

/// What the C library, OpenSSL and libcurl read while they look up a name and verify a certificate, on
/// the systems that we know. What is not there is skipped.
enum SystemPlaces {
  /// Environment variables that name one more; the last is nss_wrapper's, for tests.
  static let variables = [
    "CURL_CA_BUNDLE", "SSL_CERT_FILE", "OPENSSL_CONF", "NSS_WRAPPER_HOSTS",
  ]

  /// The files elsewhere that the links of a directory of certificates lead to: OpenSSL opens the links
  /// (openssl-rehash(1)), whose names are a hash and a number.
  static func linkedCertificates(in directory: String) -> [String] {
    let found = Set(Glob.paths("\(directory)/????????.[0-9]*").compactMap(resolvedPath))
    return found.filter { !$0.hasPrefix("\(directory)/") && !$0.hasPrefix("/usr/") }.sorted()
  }

  static let all = libraries + names + certificates + kernel

  /// NSS modules (nsswitch.conf(5)) and OpenSSL's are loaded when they are first needed. The
  /// directories of the libraries that are loaded already come by themselves.
  private static let libraries = [
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/nix/store", "/gnu/store",
  ]

  /// resolver(5), nsswitch.conf(5) and the caches of its services. /etc/resolv.conf may be a link into
  /// the directory of whatever writes it.
  private static let names = [
    "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
    "/etc/services", "/etc/protocols", "/etc/networks", "/etc/hostname", "/etc/machine-id",
    "/etc/passwd", "/etc/group", "/etc/localtime", "/run/systemd/resolve", "/run/systemd/machines",
    "/run/resolvconf", "/run/NetworkManager", "/run/nscd", "/var/run/nscd", "/var/lib/sss/mc",
    "/var/lib/libvirt/dnsmasq",
  ]

  private static let certificates =
    TrustStore.places + [
      "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls", "/etc/pki/ca-trust/extracted",
      "/etc/ca-certificates/extracted",
      "/etc/crypto-policies", "/var/lib/ca-certificates", "/etc/gss", "/etc/krb5.conf",
      // Named for itself too, as `TrustStore.places` are: it may be a link to a file elsewhere.
      "/etc/ssl/certs/ca-bundle.crt",
    ]

  private static let kernel = [
    "/dev/null", "/dev/urandom", "/dev/random", "/proc/self", "/proc/sys/crypto", "/proc/net",
    "/sys/devices/system/cpu",
  ]
}

/// The TCP ports that talking to providers takes.
enum TalkPorts {
  private static let https: UInt16 = 443
  /// Of a server on this computer alone (`BaseURL`).
  private static let http: UInt16 = 80
  /// For answers that are too long for UDP (RFC 7766).
  private static let names: UInt16 = 53
  /// libcurl's, for a proxy whose address names none (CURLOPT_PROXY(3)).
  private static let proxy: UInt16 = 1080

  static func all(_ configuration: Configuration, _ environment: [String: String]) -> [UInt16] {
    let bases = configuration.vendors.compactMap { try? configuration.baseURL(of: $0.kind) }
    let between = Through.proxyVariables.compactMap { environment.nonEmpty($0) }.map {
      of($0) ?? proxy
    }
    return [names, https] + bases.map { of($0) ?? ($0.hasPrefix("http://") ? http : https) }
      + between
  }

  /// The port that stands in a URL; `nil` for none.
  private static func of(_ url: String) -> UInt16? {
    UserHostPort(url: url)?.port.flatMap { UInt16($0) }
  }
}
