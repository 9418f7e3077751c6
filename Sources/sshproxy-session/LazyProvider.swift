import OpenSSH
import Providers
import Sessions
import SystemIO

/// A provider that is created, and its API key read, only when it is first asked. A stored session
/// needs neither.
struct LazyProvider: SessionProvider {
  private let factory: ProviderFactory
  private let target: Target

  init(_ factory: ProviderFactory, _ target: Target) {
    self.factory = factory
    self.target = target
  }

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    try factory.provider(for: target).open(for: key, until: deadline)
  }

  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    try factory.provider(for: target).isAlive(session, until: deadline)
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    try factory.provider(for: target).close(session, until: deadline)
  }
}
