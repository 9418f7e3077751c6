import OpenSSH
import SessionRecord
public import SystemIO

/// `setup` finds out whether ssh is to put a faster cipher first, because it may ask ssh about the user's
/// own settings: in a `prepare`, which ssh runs, that would begin anew. What it found is kept for the
/// sessions that are made later, on this computer alone.
extension SessionStore {
  private static var cipherName: String { "ciphers" }
  private static var cipherText: String { Setting.fastCipher + "\n" }

  /// Whether a session's block names `Setting.fastCipher`.
  public var hasFastCipher: Bool {
    let bytes = try? PrivateFile.read(
      Self.cipherName, in: state.directory.descriptor.number, limit: 256)
    return bytes == Array(Self.cipherText.utf8)
  }

  /// Undoes `setFastCipher`, with the state directory where nothing else is in it.
  /// - Parameter path: the state directory's.
  public static func forgetCipher(in path: String) {
    guard let directory = try? PrivateDirectory(opening: path) else { return }
    directory.remove(cipherName)
    directory.removeEmpty(StateDirectory.sessionsName)
    FilePath.removeEmptyDirectory(path)
  }

  /// Counts from the next session on.
  /// - Throws: `.inputOutput`.
  public func setFastCipher(_ isFast: Bool) throws(Failure) {
    guard isFast != hasFastCipher else { return }
    guard isFast else { return state.directory.remove(Self.cipherName) }
    try PrivateFile.write(
      Self.cipherText, to: Self.cipherName, in: state.directory.descriptor)
  }
}
