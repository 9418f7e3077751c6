import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Configuration
@testable import SSHSetup

/// A configuration in a read-only store (home-manager, stow): a link to a file that
/// belongs to root, or into a directory that cannot be written.
@Suite struct ReadOnlyConfigurationTests {
  @Test func whereTheLineStandsOnlyOurFilesAreWritten() async {
    await #expect(processExitsWith: .success) {
      let fixture = try readOnly("Host a\n  User b\nInclude sshproxy.conf\n")
      let setup = try fixture.setup(sshHome: fixture.home.path)
      try #require(try setup.apply().changed == [setup.matchFile, setup.managedFile])
      try #require(try setup.status() == .current)
      try #require(try setup.difference().isEmpty)
      try #require(try setup.apply().changed.isEmpty)
      let failure = failure { try setup.remove() }
      try #require(failure?.exitStatus == .inputOutput)
      try #require(failure?.hint?.contains("remove `Include sshproxy.conf`") == true)
      try #require(fixture.home.read(".ssh/sshproxy.conf") == nil)
    }
  }

  @Test func elseTheLineToAddIsSaid() async {
    await #expect(processExitsWith: .success) {
      let fixture = try readOnly("Host a\n")
      let setup = try fixture.setup(sshHome: fixture.home.path)
      for _ in 1...2 {
        let failure = failure { try setup.apply() }
        try #require(failure?.exitStatus == .inputOutput)
        try #require(failure?.hint?.contains("add `Include sshproxy.conf`") == true)
      }
      try #require(try setup.preview().contains("Include sshproxy.conf"))
      // Followed, the hint leads to a configuration that calls us.
      let store = fixture.home.path(of: "store")
      try #require(chmod(store, 0o700) == 0)
      try fixture.home.write("Include sshproxy.conf\nHost a\n", to: "store/ssh")
      try #require(chmod(store, 0o500) == 0)
      try #require(try setup.status() == .current)
    }
  }
}

/// A home whose `~/.ssh/config` is a link into a directory that cannot be written. Root could write it, so
/// root becomes another user.
private func readOnly(_ text: String) throws -> SetupFixture {
  if geteuid() == 0 { _ = seteuid(65533) }
  let fixture = try SetupFixture()
  try fixture.home.write("", to: ".ssh/known_hosts")
  try fixture.home.write(text, to: "store/ssh")
  try FileManager.default.createSymbolicLink(
    atPath: fixture.home.path(of: ".ssh/config"),
    withDestinationPath: fixture.home.path(of: "store/ssh"))
  try #require(chmod(fixture.home.path(of: "store"), 0o500) == 0)
  return fixture
}
