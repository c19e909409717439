/** What staff are told before money goes back must be what the server then does. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './typescript.mjs';

const { consequence_of, excess_held, waiting_claims } = await load('src/staff/giving_back.ts');

const paid = (more = {}) => ({
  status: 'COMPLETED',
  amount_minor: 1000,
  paid_minor: 1000,
  refunded_minor: 0,
  refunds: [],
  ...more,
});
const came = (amount_minor = 1000, excess_minor = 0) => ({ id: 1, amount_minor, excess_minor });

test('N4 all of it: the order is refunded; some of it: it stays', () => {
  assert.deepEqual(consequence_of(paid(), came(), 1000), { kind: 'refunded' });
  assert.deepEqual(consequence_of(paid(), came(), 400), { kind: 'part', left: 600 });
  const rest = paid({ refunded_minor: 400 });
  assert.deepEqual(consequence_of(rest, came(), 600), { kind: 'refunded' });
});

test('C33 what was paid too much goes first, and changes nothing', () => {
  const refunds = [{ settlement_id: 1, from_excess_minor: 100 }];
  assert.equal(excess_held(came(1300, 300), []), 300);
  assert.equal(excess_held(came(1300, 300), refunds), 200);
  assert.equal(excess_held(came(1300, 300), [{ settlement_id: 2, from_excess_minor: 100 }]), 300);
  assert.deepEqual(consequence_of(paid(), came(1300, 300), 300), { kind: 'excess' });
  const part = consequence_of(paid({ refunds }), came(1300, 300), 300);
  assert.deepEqual(part, { kind: 'part', left: 900 });
  assert.deepEqual(consequence_of(paid(), came(1300, 300), 1300), { kind: 'refunded' });
});

test('N13 a part payment that goes back is owed again', () => {
  const partly = paid({ status: 'PENDING', paid_minor: 400 });
  assert.deepEqual(consequence_of(partly, came(400), 400), { kind: 'owed' });
  assert.deepEqual(consequence_of(partly, came(400), 100), { kind: 'part', left: 300 });
  const late = paid({ status: 'PENDING' });
  assert.deepEqual(consequence_of(late, came(), 1000), { kind: 'refunded' }, 'paid, not completed');
});

test('C13 a claim waits until somebody confirms or refuses it', () => {
  const claim = { id: 5, outcome: 'awaiting_approval' };
  const other = { id: 6, outcome: 'awaiting_approval' };
  const order = { attention: ['approval'], evidence: [{ id: 4, outcome: 'underpaid' }, claim] };
  assert.deepEqual(waiting_claims(order), [claim]);
  assert.deepEqual(waiting_claims({ ...order, attention: ['underpaid'] }), []);
  const refused = [{ decision: 'rejected', evidence_id: 5 }];
  const again = { ...order, evidence: [claim, other], approvals: refused };
  assert.deepEqual(waiting_claims(again), [other]);
  assert.deepEqual(waiting_claims({ ...order, approvals: refused }), []);
});
