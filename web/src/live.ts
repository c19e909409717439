/**
 * Watches one order: server-sent events where they come through, questions where they do not.
 * A question is only planned once the one before it was answered, so two never overlap.
 */
import type { LiveStatus } from './api';

/** While no event stream is open: ask again this long after the previous answer. */
export const kPollMs = 3_000;
/** With an open stream we still ask now and then: some proxies hold events back. */
export const kSilentMs = 15_000;

/** Everything the watcher needs from the outside, so that tests can bring their own. */
export interface LiveSource {
  ask(): Promise<LiveStatus>;
  /** Opens the event stream, or gives null where there is none. */
  open_events(): EventSource | null;
  later(action: () => void, delay_ms: number): number;
  forget(timer: number): void;
}

export interface LiveListener {
  on_status(status: LiveStatus): void;
  /** A question failed (true) or was answered again (false). */
  on_trouble(trouble: boolean): void;
}

export interface Watch {
  /** Asks at once, unless a question is under way or the order is closed. */
  look(): void;
  stop(): void;
}

export function watch_order(source: LiveSource, listener: LiveListener): Watch {
  let asking = false;
  let stopped = false;
  let timer: number | null = null;
  let streaming = false;
  const events = source.open_events();

  function stop(): void {
    stopped = true;
    if (timer !== null) source.forget(timer);
    events?.close();
  }

  function hear(status: LiveStatus): void {
    if (stopped) return;
    listener.on_trouble(false);
    listener.on_status(status);
    if (status.status !== 'PENDING') stop();
    else if (!asking) plan();
  }

  function plan(): void {
    if (stopped) return;
    if (timer !== null) source.forget(timer);
    timer = source.later(() => void ask(), streaming ? kSilentMs : kPollMs);
  }

  async function ask(): Promise<void> {
    if (asking || stopped) return;
    asking = true;
    if (timer !== null) source.forget(timer);
    timer = null;
    let status: LiveStatus | null = null;
    try {
      status = await source.ask();
    } catch {
      if (!stopped) listener.on_trouble(true);
    }
    asking = false;
    if (status) hear(status);
    else plan();
  }

  events?.addEventListener('open', () => (streaming = true));
  events?.addEventListener('error', () => {
    const lost = streaming;
    streaming = false;
    if (lost && !asking) plan();
  });
  events?.addEventListener('status', (event) => {
    hear(JSON.parse((event as MessageEvent<string>).data) as LiveStatus);
  });
  void ask();
  return { look: () => void ask(), stop };
}

/** The browser's own stream, clock and question for one order. */
export function browser_source(
  order_id: number,
  secret: string | null,
  ask: () => Promise<LiveStatus>,
): LiveSource {
  const query = secret ? `?secret=${encodeURIComponent(secret)}` : '';
  return {
    ask,
    open_events: () => new EventSource(`/api/orders/${order_id}/events${query}`),
    later: (action, delay_ms) => window.setTimeout(action, delay_ms),
    forget: (timer) => window.clearTimeout(timer),
  };
}
