import SystemIO

extension CursorAccount {
  /// The user's account at Dedalus, by the calls that the vendor's own client makes.
  static func dedalus(_ api: ProviderAPI) -> CursorAccount {
    CursorAccount(
      api: api,
      hints: ProviderHints(
        provider: "Dedalus", denied: "check key and organization, then `sshproxy login dedalus`",
        unknown: ""),
      path: ["v1", "machines"], step: "list the machines", cursorName: "next_cursor"
    ) { (item) throws(Failure) in
      Machine(
        id: try item.text("machine_id"), state: try item.text("phase"),
        created: try item.textIfAny("created_at"))
    }
  }
}
