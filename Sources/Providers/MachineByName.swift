import Configuration
import OpenSSH
import Sessions
import SystemIO

/// A vendor's machine, given by its id or by the name that its owner gave it. An id comes before a name:
/// the vendor is asked for its list only about what it does not know by id, and not even that within a
/// minute of the last list. Each session is asked for by the id.
struct MachineByName: SessionProvider {
  let vendor: Vendor
  let target: Target
  let configuration: Configuration
  /// Made anew for each use; none costs a request.
  let makeAccess: () throws(Failure) -> VendorAccess

  /// For how long a list's word is taken that there is no machine of a name, in seconds: whoever has just
  /// made one must not wait a minute.
  private static let absenceLife: Int64 = 5
  /// How many machines of one name an error shows.
  private static let shown = 10
  private static let step = "look for the name"

  private var kind: ProviderKind { vendor.facts.kind }
  /// Whether only the list tells a key that is refused: some of the clouds that `config.toml` describes say 404 to one
  /// that is none of theirs.
  private var onlyListKnowsKey: Bool { vendor.facts.description != nil }
  /// The id or the name, without the node that is meant of it.
  private var name: String { String(vendor.facts.parts(of: target.id).machine) }

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    if let problem = vendor.facts.problem(with: target.id, in: target.alias) {
      guard let id = try idByName(until: deadline, cached) else {
        var failure = problem
        failure.message += ", and \(kind.title) lists none of that name"
        throw Failure(.notFound, failure.message, hint: failure.hint)
      }
      return try open(id, key, deadline)
    }
    // First, whatever the list says. It need not have every machine that an id opens (one that is stopped, another
    // team's), and somebody may have named a machine of theirs by such an id.
    do throws(Failure) {
      return try open(target.id, key, deadline)
    } catch {
      guard error.kind == .notFound else { throw error }
      return try openByName(key, deadline, unknown: error)
    }
  }

  /// - Parameter error: what the vendor says of the name as an id.
  private func openByName(
    _ key: PublicKey, _ deadline: Moment, unknown error: Failure
  ) throws(Failure) -> Session {
    let cached = cached
    let known = cached.flatMap { try? only($0.named(name)) }
    if let known {
      do throws(Failure) {
        return try open(known, key, deadline)
      } catch let other {
        guard other.kind == .notFound else { throw other }
      }
    }
    let found: String?
    do throws(Failure) {
      found = try idByName(until: deadline, cached, not: known)
    } catch let other {
      // Only what the list says of the name is of more use than the first answer, or of the key.
      guard
        other.kind == .notFound || other.kind == .cancelled
          || (other.kind == .denied && onlyListKnowsKey)
      else { throw error }
      throw other
    }
    guard let found else { throw error }
    return try open(found, key, deadline)
  }

  /// The vendor's word on a session is about the machine that it was opened to.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    try provider(session.machine ?? target.id).isAlive(session, until: deadline)
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    try provider(session.machine ?? target.id).close(session, until: deadline)
  }

  private func open(
    _ id: String, _ key: PublicKey, _ deadline: Moment
  ) throws(Failure) -> Session {
    var session = try provider(id).open(for: key, until: deadline)
    session.machine = id == target.id ? nil : id
    return session
  }

  private func provider(_ id: String) throws(Failure) -> any SessionProvider {
    try vendor.provider(try makeAccess(), id)
  }

  private var cached: MachineCache.List? {
    (try? configuration.listOwner(at: kind)).flatMap {
      MachineCache(configuration.files).list(of: kind, owner: $0)
    }
  }

  /// - Parameters:
  ///   - cached: what was listed last, where that still counts.
  ///   - known: the id that `cached` has for the name, where the vendor does not know it any more.
  /// - Returns: `nil` where the vendor lists no machine of the name, or lists `known` for it.
  private func idByName(
    until deadline: Moment, _ cached: MachineCache.List?, not known: String? = nil
  ) throws(Failure) -> String? {
    if known == nil, let cached {
      if let id = try only(cached.named(name)) { return id }
      if cached.age < Self.absenceLife, !onlyListKnowsKey { return nil }
    }
    guard let list = try vendor.list?(try makeAccess()).machines(until: deadline) else {
      return nil
    }
    let new = MachineCache.List(list.machines, of: kind, configuration)
    MachineCache(configuration.files).remember([new], configuration)
    let id = try only(new.named(name))
    return id == known ? nil : id
  }

  private func only(_ found: [MachineCache.Entry]) throws(Failure) -> String? {
    guard found.count > 1 else {
      return found.first.map { vendor.facts.parts(of: target.id).node + $0.id }
    }
    let aliases = found.prefix(Self.shown).map { $0.alias ?? $0.id }.joined(separator: ", ")
    let more = found.count > Self.shown ? " and others" : ""
    throw Failure(
      .notFound, step: Self.step,
      "\(found.count) machines at \(kind.title) are named \"\(name)\": \(aliases)\(more)",
      hint: "use one of these aliases, or give one of the machines another name")
  }
}
