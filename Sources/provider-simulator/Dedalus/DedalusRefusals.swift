/// The examples of refused mutations that Dedalus's document gives, by their names there.
let dedalusRefusals: [String: (status: Int, body: JSON)] = [
  "scope_forbidden": (
    403,
    [
      "error_code": "AUTH_SCOPE_FORBIDDEN",
      "message": "internal service authorization is required", "retryable": false,
    ]
  ),
  "mutation_rate_limited": (
    429,
    [
      "error_code": "RATE_LIMITED", "message": "mutation rate limit exceeded", "retryable": true,
      "retry_after_ms": 84, "details": ["rate_limit_scope": "mutating_lifecycle_routes"],
    ]
  ),
  "mutation_limiter_unavailable": (
    503,
    [
      "error_code": "DEPENDENCY_UNAVAILABLE", "message": "mutation rate limiter unavailable",
      "retryable": true,
      "details": [
        "rate_limit_backend": "redis", "rate_limit_scope": "mutating_lifecycle_routes",
      ],
    ]
  ),
  "runtime_unavailable": (
    503,
    [
      "error_code": "DEPENDENCY_UNAVAILABLE", "message": "runtime unavailable", "retryable": true,
    ]
  ),
]

extension Simulator {
  /// Refuses a mutation with the example that the scenario names, as often as it says.
  func refuseAsTold() throws {
    let left = scenario.integer("dedalus.refusals")
    guard left != 0, let refusal = dedalusRefusals[scenario.string("dedalus.refuse")] else {
      return
    }
    _ = try scenario.merge(["dedalus.refusals": .integer(left < 0 ? left : left - 1)])
    throw Refused(refusal.status, refusal.body)
  }
}
