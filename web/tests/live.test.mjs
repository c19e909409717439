/** Watching an order (S1.14, S1.40, S1.41): first look at once, then never two at a time. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './typescript.mjs';

const { watch_order, kPollMs, kSilentMs } = await load('src/live.ts');
const settle = () => new Promise((done) => setImmediate(done));

/** A source whose questions are answered and whose timers run only when the test says so. */
function staged(with_events) {
  const stage = { asked: [], timers: new Map(), heard: [], trouble: [], closed: false };
  let next_timer = 1;
  const listeners = {};
  stage.emit = (name, data) => listeners[name]?.({ data: JSON.stringify(data) });
  stage.run_timer = () => {
    const [id, { action }] = [...stage.timers][0];
    stage.timers.delete(id);
    action();
  };
  stage.delay = () => [...stage.timers.values()][0]?.delay_ms;
  const source = {
    ask: () => new Promise((answer, fail) => stage.asked.push({ answer, fail })),
    open_events: () =>
      with_events
        ? {
            addEventListener: (name, call) => (listeners[name] = call),
            close: () => (stage.closed = true),
          }
        : null,
    later: (action, delay_ms) => {
      stage.timers.set(next_timer, { action, delay_ms });
      return next_timer++;
    },
    forget: (timer) => stage.timers.delete(timer),
  };
  stage.watch = watch_order(source, {
    on_status: (status) => stage.heard.push(status.status),
    on_trouble: (trouble) => stage.trouble.push(trouble),
  });
  return stage;
}

test('asks at once, and again 3 s after the answer, never while one is open', async () => {
  const stage = staged(false);
  assert.equal(kPollMs, 3000);
  assert.equal(stage.asked.length, 1);
  assert.equal(stage.timers.size, 0);
  stage.watch.look();
  assert.equal(stage.asked.length, 1);
  stage.asked[0].answer({ status: 'PENDING' });
  await settle();
  assert.equal(stage.timers.size, 1);
  assert.equal(stage.delay(), 3000);
  stage.run_timer();
  assert.equal(stage.asked.length, 2);
  assert.equal(stage.timers.size, 0);
});

test('a failed question is told and tried again', async () => {
  const stage = staged(false);
  stage.asked[0].fail(new Error('no connection'));
  await settle();
  assert.deepEqual(stage.trouble, [true]);
  stage.run_timer();
  stage.asked[1].answer({ status: 'PENDING' });
  await settle();
  assert.deepEqual(stage.trouble, [true, false]);
});

test('with an open stream it asks only after silence; without, every 3 s again', async () => {
  const stage = staged(true);
  stage.emit('open');
  stage.asked[0].answer({ status: 'PENDING' });
  await settle();
  assert.equal(stage.delay(), kSilentMs);
  stage.emit('status', { status: 'PENDING' });
  assert.equal(stage.timers.size, 1);
  stage.emit('error');
  assert.equal(stage.timers.size, 1);
  assert.equal(stage.delay(), kPollMs);
});

test('a closed order ends it: stream closed, nothing planned, nothing heard any more', async () => {
  const stage = staged(true);
  stage.emit('open');
  stage.emit('status', { status: 'COMPLETED' });
  assert.equal(stage.closed, true);
  stage.asked[0].answer({ status: 'PENDING' });
  await settle();
  assert.deepEqual(stage.heard, ['COMPLETED']);
  assert.equal(stage.timers.size, 0);
});
