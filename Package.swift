// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Without what is Linux's alone, on Linux too (SystemIO, CSystem.h): so the ways of other systems are
/// tested. scripts/test gives such a build a folder of its own.
let isPortable = ProcessInfo.processInfo.environment["SSHPROXY_PORTABLE"] != nil

let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ] + (isPortable ? [.define("PORTABLE"), .unsafeFlags(["-Xcc", "-DPORTABLE"])] : [])

/// FORTIFY wants an optimizing compiler. scripts/support/hardening looks for both.
let hardened: [CSetting] =
  [
    .unsafeFlags(["-fstack-protector-strong"]),
    .define("_FORTIFY_SOURCE", to: "2", .when(configuration: .release)),
  ] + (isPortable ? [.define("PORTABLE")] : [])

let package = Package(
  name: "sshproxy",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "sshproxy", targets: ["sshproxy"]),
    .executable(name: "sshproxy-session", targets: ["sshproxy-session"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
  ],
  targets: [
    // The C libraries. Each is imported by exactly one Swift target.
    .target(name: "CSystem", cSettings: hardened),
    .target(
      name: "CCurl", cSettings: hardened,
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .systemLibrary(
      name: "CLibSSH2", pkgConfig: "libssh2",
      providers: [.apt(["libssh2-1-dev"]), .brew(["libssh2"])]),

    // What ssh waits for: the C library alone, and the grammar and the error without even that.
    .target(name: "Grammar", swiftSettings: settings),
    .target(name: "Diagnostics", dependencies: ["Grammar"], swiftSettings: settings),
    .target(
      name: "SystemIO", dependencies: ["CSystem", "Diagnostics", "Grammar"],
      swiftSettings: settings),
    .target(name: "Dialing", dependencies: ["Grammar", "SystemIO"], swiftSettings: settings),
    .target(name: "SessionRecord", dependencies: ["SystemIO"], swiftSettings: settings),
    .target(name: "Relay", dependencies: ["SystemIO"], swiftSettings: settings),
    .executableTarget(
      name: "sshproxy", dependencies: ["Dialing", "Relay", "SessionRecord", "SystemIO"],
      swiftSettings: settings),

    // The rest, behind it.
    .target(
      name: "OpenSSH", dependencies: ["COpenSSL", "Grammar", "SystemIO"], swiftSettings: settings),
    .target(
      name: "Configuration",
      dependencies: [
        "Grammar", "OpenSSH", "SessionRecord", "SystemIO",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: settings),
    .target(
      name: "SSHSetup",
      dependencies: ["Configuration", "Grammar", "OpenSSH", "SessionRecord", "SystemIO"],
      swiftSettings: settings),
    .target(
      name: "Sessions",
      dependencies: ["Configuration", "Grammar", "OpenSSH", "SessionRecord", "SystemIO"],
      swiftSettings: settings),
    .target(
      name: "Providers",
      dependencies: [
        "CCurl", "Configuration", "Grammar", "OpenSSH", "SessionRecord", "Sessions", "SystemIO",
      ],
      swiftSettings: settings),
    .target(
      name: "SSHClient", dependencies: ["CLibSSH2", "Grammar", "OpenSSH", "Relay", "SystemIO"],
      swiftSettings: settings),
    .target(
      name: "Endpoint",
      dependencies: [
        "Configuration", "Dialing", "Grammar", "OpenSSH", "Relay", "SSHClient", "SessionRecord",
        "Sessions", "SystemIO",
      ],
      swiftSettings: settings),
    // A library, so that a test can build the program with a vendor of its own.
    .target(
      name: "SessionCommands",
      dependencies: [
        "Configuration", "Dialing", "Endpoint", "Grammar", "OpenSSH", "Providers", "SSHClient",
        "SSHSetup", "SessionRecord", "Sessions", "SystemIO",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/sshproxy-session", exclude: ["Main"], swiftSettings: settings),
    .executableTarget(
      name: "sshproxy-session", dependencies: ["Providers", "SessionCommands", "SystemIO"],
      path: "Sources/sshproxy-session/Main",
      swiftSettings: settings,
      // Full RELRO; and no symbol has to be looked up while a stream runs.
      linkerSettings: [
        .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"], .when(platforms: [.linux]))
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// The simulator and the tests. scripts/install leaves them out, so that whoever installs resolves and
// builds nothing that only they need.
if ProcessInfo.processInfo.environment["SSHPROXY_INSTALL"] == nil {
  package.dependencies.append(
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"))
  package.products.append(
    .executable(name: "provider-simulator", targets: ["provider-simulator"]))
  package.targets += [
    // The vendors' APIs on loopback, for the demo, the tests and authors of providers.
    .executableTarget(
      name: "provider-simulator",
      dependencies: ["SystemIO", .product(name: "FlyingFox", package: "FlyingFox")],
      swiftSettings: settings),

    // The program with one vendor more: the worked example of CONTRIBUTING.md.
    .executableTarget(
      name: "sshproxy-session-acme",
      dependencies: [
        "Configuration", "OpenSSH", "Providers", "SessionCommands", "Sessions", "SystemIO",
      ],
      path: "Tests/Acme", swiftSettings: settings),
    .target(
      name: "TestSupport", dependencies: ["SystemIO"], path: "Tests/TestSupport",
      swiftSettings: settings),
    // A home with a configuration, by the rows of the program's vendors: users write `config.toml` by
    // these, and so do the tests of the rooms below Providers.
    .target(
      name: "TestConfiguration",
      dependencies: ["Configuration", "Providers", "SystemIO", "TestSupport"],
      path: "Tests/TestConfiguration", swiftSettings: settings),
    .testTarget(name: "GrammarTests", dependencies: ["Grammar"], swiftSettings: settings),
    .testTarget(
      name: "DiagnosticsTests", dependencies: ["Diagnostics", "Grammar", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "SystemIOTests", dependencies: ["SystemIO", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "SessionRecordTests", dependencies: ["SessionRecord", "SystemIO", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "DialingTests", dependencies: ["Dialing", "SystemIO", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "RelayTests", dependencies: ["Dialing", "Relay", "SystemIO", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "OpenSSHTests", dependencies: ["Grammar", "OpenSSH", "SystemIO", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: [
        "Configuration", "Grammar", "OpenSSH", "SystemIO", "TestConfiguration", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "SSHSetupTests",
      dependencies: [
        "Configuration", "Grammar", "OpenSSH", "SSHSetup", "SystemIO", "TestConfiguration",
        "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "SessionsTests",
      dependencies: [
        "Configuration", "Grammar", "OpenSSH", "SessionRecord", "Sessions", "SystemIO",
        "TestConfiguration", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ProvidersTests",
      dependencies: [
        "Configuration", "Grammar", "OpenSSH", "Providers", "Sessions", "SystemIO",
        "TestConfiguration", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "SSHClientTests",
      dependencies: ["Dialing", "Grammar", "SSHClient", "OpenSSH", "SystemIO", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "EndpointTests",
      dependencies: [
        "Configuration", "Dialing", "Endpoint", "Grammar", "OpenSSH", "SSHClient",
        "SessionRecord", "Sessions", "SystemIO", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Fuzz", "Grammar", "SessionRecord", "SystemIO", "TestSupport", "sshproxy",
        "sshproxy-session", "sshproxy-session-acme", "provider-simulator",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "OpenSSH", "SystemIO", "TestSupport", "sshproxy", "sshproxy-session", "provider-simulator",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ClientTests",
      dependencies: [
        "SystemIO", "TestSupport", "sshproxy", "sshproxy-session", "provider-simulator",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ReaderTests",
      dependencies: [
        "SystemIO", "TestSupport", "sshproxy", "sshproxy-session", "provider-simulator",
      ],
      exclude: ["Readers"], swiftSettings: settings),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "SystemIO", "TestSupport", "sshproxy", "sshproxy-session", "provider-simulator",
      ],
      swiftSettings: settings),
  ]
}

// libFuzzer brings a main function of its own; scripts/fuzz sets the variable. Without it the target
// replays the corpus.
if ProcessInfo.processInfo.environment["SSHPROXY_INSTALL"] == nil {
  let isFuzzing = ProcessInfo.processInfo.environment["SSHPROXY_FUZZ"] != nil
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Configuration", "Dialing", "Grammar", "OpenSSH", "Providers", "Relay", "SSHClient",
        "SSHSetup", "SessionRecord", "Sessions", "SystemIO",
      ],
      path: "Tests/Fuzz", exclude: ["corpus"],
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        + (isFuzzing ? [.define("FUZZING")] : [])))
  package.products.append(.executable(name: "Fuzz", targets: ["Fuzz"]))
}
