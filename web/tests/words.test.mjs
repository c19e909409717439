/** A sum written out must say the same as its digits. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './typescript.mjs';

const { amount_words } = await load('src/words.ts');
const { minor_of, plain_text } = await load('src/money.ts');

test('sums in words', () => {
  const cases = [
    [0, 'USD', 'zero US dollars'],
    [1, 'USD', 'one cent'],
    [100, 'USD', 'one US dollar'],
    [1290, 'USD', 'twelve US dollars and ninety cents'],
    [12900, 'USD', 'one hundred and twenty-nine US dollars'],
    [2101, 'USD', 'twenty-one US dollars and one cent'],
    [110000, 'USD', 'one thousand one hundred US dollars'],
    [100500, 'USD', 'one thousand and five US dollars'],
    [2_980_013, 'USD', 'twenty-nine thousand eight hundred US dollars and thirteen cents'],
    [41_000, 'KHR', 'forty-one thousand riel'],
    [4_000_000, 'KHR', 'four million riel'],
    [1_000_020, 'MGA', 'one million and twenty ariary'],
    [250, 'INR', 'two rupees and fifty paise'],
    [5001, 'MNT', 'fifty tögrög and one möngö'],
  ];
  for (const [minor, currency, words] of cases) assert.equal(amount_words(minor, currency), words);
});

test('every sum that the digits can show has words, and none has those of another', () => {
  const seen = new Map();
  for (let minor = 0; minor < 30_000; ++minor) {
    const words = amount_words(minor, 'USD');
    assert.ok(!seen.has(words), `${minor} and ${seen.get(words)}: ${words}`);
    assert.doesNotMatch(words, /undefined| {2}|zero (?!US dollars$)/);
    seen.set(words, minor);
  }
  assert.match(amount_words(Number.MAX_SAFE_INTEGER, 'KHR'), /^nine quadrillion seven trillion /);
});

test('what is no sum is refused', () => {
  for (const minor of [-1, 1.5, 2 ** 53, Number.NaN]) {
    assert.throws(() => amount_words(minor, 'USD'), RangeError);
  }
  assert.throws(() => amount_words(1, 'ABC'), RangeError);
});

test('law 6: a typed sum becomes exact minor units, or nothing', () => {
  const cases = [
    ['12.90', 'USD', 1290],
    ['12.9', 'USD', 1290],
    [' 12 ', 'USD', 1200],
    ['1,298.00', 'USD', 129800],
    ['0.07', 'USD', 7],
    ['41000', 'KHR', 41000],
    ['41,000', 'KHR', 41000],
    ['90071992547409.91', 'USD', 9007199254740991],
  ];
  for (const [text, currency, minor] of cases) assert.equal(minor_of(text, currency), minor, text);
  for (const text of ['', '.', '12.', '.5', '12.905', '-1', '+1', '1e3', '0x10', '12,9', '1,29.00',
    '12 90', '٣', '90071992547409.92', 'all']) {
    assert.equal(minor_of(text, 'USD'), null, text);
  }
  assert.equal(minor_of('1.5', 'KHR'), null);
  assert.equal(minor_of('1', 'ABC'), null);
  for (const minor of [0, 7, 1290, 129800, 9007199254740991]) {
    assert.equal(minor_of(plain_text(minor, 'USD'), 'USD'), minor);
  }
});
