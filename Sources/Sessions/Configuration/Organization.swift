internal import SystemIO

/// The grammar of a Dedalus organization's id, which is sent in a header of each request.
enum Organization {
  static func allows(_ text: String) -> Bool {
    (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }

  static func problem(_ text: String) -> String {
    "\"\(text.sanitized(limit: 60))\" cannot be an organization: 1 to 256 printable ASCII characters "
      + "without spaces"
  }
}
