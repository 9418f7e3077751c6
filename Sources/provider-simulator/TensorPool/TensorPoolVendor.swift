extension SimulatedVendor {
  static let tensorpool = SimulatedVendor(
    name: "tensorpool", title: "TensorPool", keyPrefix: "tp-",
    environment: { url, key in
      ["TENSORPOOL_KEY": key, "TENSORPOOL_ENGINE": url]
    },
    switches: [
      Switch(
        name: "tensorpool.instances", standard: ["node1", "node2"],
        help: "ids that are listed; nodeN is known besides"),
      Switch(name: "tensorpool.login", standard: "ubuntu", help: "login in the command"),
      Switch(
        name: "tensorpool.command", standard: "ssh -p {port} {login}@{host}",
        help: "the command, verbatim but for {port} {login} {host} {user_key}; empty: none"),
      Switch(name: "tensorpool.message", standard: "", help: "`message` beside the command"),
    ],
    answer: { try await $0.tensorpool($1) })
}
