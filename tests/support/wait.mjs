/** Waiting for what the program does by itself: asked for again and again, with an end. */
import { setTimeout as pause } from 'node:timers/promises';

/**
 * How long a test waits for what the program does by itself. Longer than a slow machine with other
 * work needs, and than a claim of a killed server stands; whoever gets it sooner waits no longer.
 */
export const kPatienceMs = 60_000;

/**
 * Asks `look` until it gives something truthy, and gives that back. Throws after `within_ms`, with
 * the last error or the last answer of `look` in the message.
 */
export async function eventually(what, within_ms, look, every_ms = 25) {
  const deadline = performance.now() + within_ms;
  let last;
  for (;;) {
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const seen = last instanceof Error ? last.stack : JSON.stringify(last);
      throw new Error(`not within ${within_ms} ms: ${what}; last seen: ${seen}`);
    }
    await pause(every_ms);
  }
}

/** A promise that fails when it is not kept in time; the timer holds nothing open. */
export async function in_time(what, within_ms, promise) {
  const stop = new AbortController();
  const late = pause(within_ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`not within ${within_ms} ms: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}

const kDayMs = 86_400_000;

/** For a test about one day of UTC: waits while that is about to end. */
export function not_at_midnight() {
  return eventually('the next day', 2 * kPatienceMs,
    () => Date.now() % kDayMs < kDayMs - kPatienceMs, 500);
}
