// What the corpus's certificates are made of; nobody has the private keys any more.

/// The key that the user certificates are for.
let corpusKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMdkhUZq7Fzod+eY0wMZkuRthNdHeU47Z2reCVE+TLS7"

/// Who signed the Ed25519 certificates.
let corpusAuthority =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPFeH6K+vjW+U4GJMDd4lHutqAbbQR92foS8gYnkHFGJ"

/// The digests of what that authority signed: nothing else can bear its signature.
let corpusSigned: Set<UInt64> = [
  0xdfef_62f9_b67b_cb85, 0xba5_032f_3b0f_e9fc, 0x3749_7b47_e9e2_f9df,
]

/// A known_hosts file that every lookup has behind the one that is tried.
let corpusKnownHosts = "host.example,10.0.0.* \(corpusKey)\n@revoked * \(corpusAuthority)\n"
