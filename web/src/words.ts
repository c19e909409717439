/**
 * A sum written out, as on a cheque: a slipped point is seen at once in `one hundred and
 * twenty-nine US dollars` where `129.00` looks like `12.90`. English, for the staff pages.
 */

const kSmall = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
  'sixteen seventeen eighteen nineteen'
).split(' ');
const kTens = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
/** From the largest; 2^53 is a little over nine quadrillion. */
const kScales: readonly (readonly [bigint, string])[] = [
  [1_000_000_000_000_000n, 'quadrillion'],
  [1_000_000_000_000n, 'trillion'],
  [1_000_000_000n, 'billion'],
  [1_000_000n, 'million'],
  [1_000n, 'thousand'],
];

interface Coin {
  whole: readonly [one: string, many: string];
  /** The minor unit and how many make a whole one; null where there is none. */
  part: readonly [one: string, many: string, per_whole: bigint] | null;
}

const kCoins: Readonly<Record<string, Coin>> = {
  USD: { whole: ['US dollar', 'US dollars'], part: ['cent', 'cents', 100n] },
  KHR: { whole: ['riel', 'riel'], part: null },
  MNT: { whole: ['tögrög', 'tögrög'], part: ['möngö', 'möngö', 100n] },
  MGA: { whole: ['ariary', 'ariary'], part: null },
  INR: { whole: ['rupee', 'rupees'], part: ['paisa', 'paise', 100n] },
};

function below_thousand(value: number): string {
  const rest = value % 100;
  const hundreds = (value - rest) / 100;
  const ones = rest % 10;
  const tens = kTens[(rest - ones) / 10] ?? '';
  const small = rest < 20 ? (kSmall[rest] ?? '') : ones ? `${tens}-${kSmall[ones]}` : tens;
  if (hundreds === 0) return small;
  return `${kSmall[hundreds]} hundred${rest ? ` and ${small}` : ''}`;
}

function number_words(value: bigint): string {
  const words: string[] = [];
  let rest = value;
  for (const [scale, name] of kScales) {
    if (rest >= scale) words.push(`${below_thousand(Number(rest / scale))} ${name}`);
    rest %= scale;
  }
  if (rest > 0n || words.length === 0) {
    const joined = words.length > 0 && rest < 100n ? 'and ' : '';
    words.push(joined + below_thousand(Number(rest)));
  }
  return words.join(' ');
}

/** `1290, "USD"` → `twelve US dollars and ninety cents`. Throws where `number_text` does. */
export function amount_words(minor: number, currency: string): string {
  const coin = kCoins[currency];
  if (!coin) throw new RangeError(`unknown currency ${currency}`);
  if (!Number.isSafeInteger(minor) || minor < 0) throw new RangeError(`not a sum: ${minor}`);
  const per_whole = coin.part?.[2] ?? 1n;
  const whole = BigInt(minor) / per_whole;
  const part = BigInt(minor) % per_whole;
  const words: string[] = [];
  if (whole > 0n || part === 0n) {
    words.push(`${number_words(whole)} ${coin.whole[whole === 1n ? 0 : 1]}`);
  }
  if (coin.part && part > 0n) {
    words.push(`${number_words(part)} ${coin.part[part === 1n ? 0 : 1]}`);
  }
  return words.join(' and ');
}
