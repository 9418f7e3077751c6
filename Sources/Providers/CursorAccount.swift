import SystemIO

/// The user's account at a vendor whose list of machines names its next page by a cursor.
struct CursorAccount: KeyChecking, MachineListing {
  let api: ProviderAPI
  let hints: ProviderHints
  let path: [String]
  /// `list the machines`.
  let step: String
  /// The member of an answer that has the cursor.
  let cursorName: String
  /// What is in an answer's `items`.
  let machine: (Answer) throws(Failure) -> Machine

  /// Lists one machine, which any good key may: for APIs that have no call just to check a key.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let response = try page(1, after: nil, "check the key", until: deadline)
    for item in try Answer(response.json, step: "check the key").objects("items") {
      _ = try machine(item)
    }
    return KeyVerdict(owner: nil, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    var list = MachineList()
    var cursor: String?
    while true {
      let response = try page(100, after: cursor, step, until: deadline)
      let answer = try Answer(response.json, step: step)
      let page = try answer.objects("items").map { (item) throws(Failure) in try machine(item) }
      let next = try answer.textIfAny(cursorName).flatMap { $0.isEmpty ? nil : $0 }
      guard list.add(page, of: response, hasMore: next != nil), let next else { return list }
      guard next != cursor else { throw MachineList.endless(step) }
      cursor = try Validator(step: step).token(next, field: cursorName)
    }
  }

  private func page(
    _ limit: Int, after cursor: String?, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    let place = cursor.map { "&cursor=" + $0.percentEncoded } ?? ""
    return try api.ask(
      path, query: "limit=\(limit)\(place)", step: step, hints: hints, until: deadline)
  }
}
