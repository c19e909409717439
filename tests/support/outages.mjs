/** Every way in which a provider can be of no use, as the sandbox's knobs make it. */

/**
 * For a shop that waits `timeout_ms` for an answer: what is wrong, the knobs for it (Bakong and the
 * other rails have the same), and the reason that the log of attempts gives.
 */
export function outages(timeout_ms) {
  return [
    { name: 'silence', reason: 'timeout',
      knobs: { timeout_percent: 100, timeout_ms: 4 * timeout_ms } },
    { name: 'an answer after the time-out', reason: 'timeout',
      knobs: { latency_ms: 3 * timeout_ms } },
    { name: 'gateway errors', reason: 'server_error', knobs: { error_rate_percent: 100 } },
    { name: 'internal errors in JSON', reason: 'server_error',
      knobs: { server_error_percent: 100 } },
    { name: 'a 403 page for everything', reason: 'forbidden',
      knobs: { forbidden_html_percent: 100 } },
    { name: 'too many requests', reason: 'throttled',
      knobs: { too_many_requests_percent: 100, retry_after_s: 1 } },
    { name: 'garbage', reason: 'unreadable', knobs: { garbage_percent: 100 } },
    { name: 'JSON cut in half', reason: 'unreadable', knobs: { truncated_percent: 100 } },
    { name: 'refused credentials', reason: 'unauthorized', knobs: { unauthorized: true } },
  ];
}
