extension [UInt8] {
  /// Overwrites the bytes in a way that no optimizer removes. Copies made before are not reached.
  public mutating func wipe() {
    withUnsafeMutableBytes { csystem_wipe($0.baseAddress, $0.count) }
  }
}
