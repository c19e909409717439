/** Law 6: money is whole minor units, also on the way to the eye. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './typescript.mjs';

const { amount_text, number_text, times } = await load('src/money.ts');

test('the point stands where the currency wants it', () => {
  const cases = [
    [0, 'USD', '0.00'],
    [5, 'USD', '0.05'],
    [50, 'USD', '0.50'],
    [1250, 'USD', '12.50'],
    [-1250, 'USD', '-12.50'],
    [100000, 'KHR', '100,000'],
    [999, 'KHR', '999'],
    [123456789, 'MNT', '1,234,567.89'],
    [20000, 'MGA', '20,000'],
    [100000, 'INR', '1,000.00'],
    [9007199254740991, 'USD', '90,071,992,547,409.91'],
  ];
  for (const [minor, currency, text] of cases) assert.equal(number_text(minor, currency), text);
  assert.equal(amount_text(1250, 'USD'), '12.50 USD');
});

test('fractions, unknown currencies and overflow are refused, not rounded', () => {
  assert.throws(() => number_text(12.5, 'USD'), RangeError);
  assert.throws(() => number_text(2 ** 53, 'USD'), RangeError);
  assert.throws(() => number_text(100, 'ABC'), RangeError);
  assert.throws(() => times(2 ** 52, 3), RangeError);
  assert.equal(times(1999, 3), 5997);
});
