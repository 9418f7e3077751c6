import Configuration
import Foundation
import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

/// How long a session counts, by what the provider says and when it says so.
@Suite struct SessionLifeTests {
  private static let ttl = 600

  private static func time(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
  }

  /// The header with a time.
  private static func date(_ seconds: Int64) -> String {
    "Date: " + Date(timeIntervalSince1970: Double(seconds)).inHTTP
  }

  /// Prime's session, with the seconds that it has left here.
  private func prime(
    expires: String, granted: Int = ttl, headers: [String] = []
  ) throws -> (left: Int64, authorized: String?) {
    let gateway = try ScriptedAPI([.answer(200, "{}")])
    let body = """
      {"session_id": "s-1", "sandbox_id": "sb1", "host": "h.example", "port": 2222,
       "expires_at": "\(expires)", "ttl_seconds": \(granted), "exposure_id": "e",
       "external_endpoint": "h:1", "gateway_url": "\(gateway.url)", "user_ns": "u", "job_id": "j",
       "token": "tok"}
      """
    let server = try ScriptedAPI([.answer(200, body, headers)])
    let provider = Prime(api: try api(server), sandbox: "sb1", ttl: Self.ttl)
    let session = try provider.open(for: try publicKey(), until: .now + 60_000)
    return (session.expires - WallClock.seconds, gateway.all.first?.body["ttl_seconds"])
  }

  @Test func noLongerThanWasAskedFor() throws {
    for granted in [Self.ttl, 1_000_000_000] {
      let life = try prime(expires: "9999-12-31T23:59:59Z", granted: granted)
      #expect((Int64(Self.ttl) - 5...Int64(Self.ttl)).contains(life.left), "\(life)")
      #expect(life.authorized == "600")
    }
  }

  @Test func noLongerThanTheAnswerSays() throws {
    let now = WallClock.seconds
    let soon = try prime(expires: Self.time(now + 100))
    #expect((95...100).contains(soon.left), "\(soon)")
    let granted = try prime(expires: Self.time(now + 500), granted: 60)
    #expect((55...60).contains(granted.left), "\(granted)")
    #expect(granted.authorized == "60")
  }

  /// Our clock is off by as much as the answer's `Date` says.
  @Test(arguments: [-86_400, -3600, 3600, 86_400, 3_000_000_000] as [Int64])
  func byTheProvidersClock(_ offset: Int64) throws {
    let there = WallClock.seconds + offset
    let life = try prime(expires: Self.time(there + 300), headers: [Self.date(there)])
    #expect((290...300).contains(life.left), "\(life)")
  }

  /// A few seconds are the answer's way, and no difference of clocks.
  @Test func aDifferenceOfSecondsIsNone() throws {
    let now = WallClock.seconds
    let life = try prime(expires: Self.time(now + 300), headers: [Self.date(now - 3)])
    #expect((295...300).contains(life.left), "\(life)")
  }

  @Test(arguments: [Int64.min, -1, 0, 1, Int64.max])
  func noTimeIsTooLarge(_ date: Int64) {
    for now in [Int64(0), 1_800_000_000] {
      let clock = ProviderClock(date: date, now: now)
      for time in [Int64.min, 0, Int64.max] { _ = clock.here(time) }
      _ = clock.now
    }
    #expect(ProviderClock(date: .max, now: 0).here(.min) == .min)
    #expect(ProviderClock(date: .min, now: 0).here(.max) == .max)
    #expect(ProviderClock(date: nil, now: 0).here(7) == 7)
  }
}
