/// Sums and products that stop at the type's bounds instead of ending the process.
///
/// For whatever grows with time, with tries, or with what others send. `scripts/check` looks for such
/// arithmetic that is written otherwise.
extension FixedWidthInteger {
  /// The sum.
  @inline(__always)
  public func saturatingAdding(_ other: Self) -> Self {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? (other < 0 ? .min : .max) : sum
  }

  /// The difference.
  @inline(__always)
  public func saturatingSubtracting(_ other: Self) -> Self {
    let (difference, isOver) = subtractingReportingOverflow(other)
    return isOver ? (other < 0 ? .max : .min) : difference
  }

  /// The product.
  @inline(__always)
  public func saturatingMultiplied(by other: Self) -> Self {
    let (product, isOver) = multipliedReportingOverflow(by: other)
    return isOver ? ((self < 0) == (other < 0) ? .max : .min) : product
  }

  /// Seconds in milliseconds.
  @inline(__always)
  public static func milliseconds(seconds: Self) -> Self { seconds.saturatingMultiplied(by: 1000) }
}
