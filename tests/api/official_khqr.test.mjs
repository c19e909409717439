/** The national bank's own kit and our codec, on drawn codes: to the byte, both ways. */
import assert from 'node:assert/strict';
import test from 'node:test';
import khqr from 'bakong-khqr';
import { Chance, drawn_seed } from '../support/chance.mjs';
import { run } from '../support/program.mjs';

const kInputs = 1_200;
const kValidAtLeast = 1_000;
const kSeed = drawn_seed();
const kLetters = [
  ...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789  .-_&/\'',
  ...'កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអាិីុូួើេែៃោៅ', ...'éüñçøß', '😀',
];
const kDigits = [...'0123456789'];
/** What goes into the template of additional data: how long at most, of what. */
const kAdditional = {
  billNumber: [25], storeLabel: [25], terminalLabel: [25], purposeOfTransaction: [25],
  mobileNumber: [25, kDigits],
};
/** A template's length has two digits. Beyond, the kit writes three, and reads for ever. */
const kTemplateMost = 99;
/** What we say of such a code. */
const kInvalidKhqr = 8;
/** The longest of everything: its template of the account is over the limit. */
const kTooLong = {
  kind: 'merchant', account: `${'a'.repeat(15)}@${'b'.repeat(12)}`, name: 'Too long', city: 'Here',
  merchantID: 'c'.repeat(32), acquiringBank: 'd'.repeat(32), currency: '840', amount: 1,
  expirationTimestamp: Date.now() + 1_000_000,
};

const chance = new Chance(kSeed);

function text(most, letters = kLetters) {
  let drawn = '';
  const wanted = 1 + chance.below(most);
  for (let tries = 0; drawn.length < wanted && tries < most; ++tries) {
    const letter = letters[chance.below(letters.length)];
    if (drawn.length + letter.length <= most) drawn += letter;
  }
  return drawn.trim() || 'x';
}

function word(most) {
  return text(most, [...'abcdefghijklmnopqrstuvwxyz0123456789_']);
}

/** A line for `quittance qr encode`, but for the moment. */
function drawn_line() {
  const usd = chance.percent(50);
  const line = {
    kind: chance.percent(50) ? 'individual' : 'merchant',
    account: `${word(15)}@${word(12)}`,
    name: text(25),
    city: text(15),
    currency: usd ? '840' : '116',
  };
  if (line.kind === 'merchant') {
    line.merchantID = word(32);
    line.acquiringBank = text(32);
  } else {
    if (chance.percent(30)) line.accountInformation = text(32, kDigits);
    if (chance.percent(30)) line.acquiringBank = text(32);
  }
  if (chance.percent(80)) {
    line.amount = usd ? (1 + chance.below(999_999_999)) / 100 : 1 + chance.below(99_999_999);
    line.expirationTimestamp = Date.now() + 60_000 + chance.below(1_000_000_000);
  }
  let room = kTemplateMost;
  for (const [name, [most, letters]] of Object.entries(kAdditional)) {
    const value = text(most, letters);
    if (chance.percent(60) || value.length + 4 > room) continue;
    line[name] = value;
    room -= value.length + 4;
  }
  if (chance.percent(20)) line.upiMerchantAccount = text(31, kDigits);
  if (chance.percent(25)) {
    line.languagePreference = text(2, [...'kmenfr']);
    line.merchantNameAlternateLanguage = text(25);
    if (chance.percent(50)) line.merchantCityAlternateLanguage = text(15);
  }
  return line;
}

/** What the kit makes of it: `{status, data}`. */
function theirs_of({ kind, account, name, city, merchantID, acquiringBank, currency, ...more }) {
  const options = { ...more, currency: Number(currency) };
  if (kind === 'merchant') {
    return new khqr.BakongKHQR().generateMerchant(
      new khqr.MerchantInfo(account, name, city, merchantID, acquiringBank, options));
  }
  return new khqr.BakongKHQR().generateIndividual(new khqr.IndividualInfo(account, name, city,
    acquiringBank === undefined ? options : { ...options, acquiringBank }));
}

/** Whether every length is where the standard has it: else the kit's own reader never ends. */
function is_readable(qr) {
  let at = 0;
  let tag = '';
  while (at < qr.length) {
    const head = qr.slice(at, at + 4);
    if (!/^\d{4}$/.test(head)) return false;
    tag = head.slice(0, 2);
    at += 4 + Number(head.slice(2));
  }
  return at === qr.length && tag === '63';
}

async function answers(codec, lines) {
  const told = await run(['qr', codec], { input: lines.map((line) => `${line}\n`).join('') });
  assert.equal(told.code, 0, told.stderr);
  return told.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

function without_nulls(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

test(`issue 4: ${kInputs} drawn KHQRs, ours and the kit's (QUITTANCE_TEST_SEED=${kSeed})`,
  async (t) => {
    const drawn = [];
    for (let i = 0; i < kInputs; ++i) {
      const line = i === 0 ? { ...kTooLong } : drawn_line();
      const theirs = theirs_of(line);
      line.now_ms = Date.now();
      const readable = theirs.data ? is_readable(theirs.data.qr) : null;
      if (readable && line.amount !== undefined) {
        line.now_ms = Number(khqr.BakongKHQR.decode(theirs.data.qr).data.creationTimestamp);
      }
      drawn.push({ line, theirs, readable });
    }
    const ours = await answers('encode', drawn.map(({ line }) => JSON.stringify(line)));
    assert.equal(ours.length, kInputs);

    await t.test('the same code and the same md5, or the same refusal', () => {
      assert.equal(drawn[0].readable, false, 'the kit writes what nobody can read');
      drawn.forEach(({ line, theirs, readable }, i) => {
        if (readable === false) {
          assert.equal(ours[i].error_code, kInvalidKhqr, JSON.stringify(line));
        } else if (readable) {
          assert.deepEqual(ours[i], { qr: theirs.data.qr, md5: theirs.data.md5 },
            JSON.stringify(line));
        } else {
          assert.equal(ours[i].error_code, theirs.status.errorCode, JSON.stringify(line));
        }
      });
      const valid = drawn.filter(({ readable }) => readable).length;
      assert.ok(valid >= kValidAtLeast, `only ${valid} valid ones`);
    });

    await t.test('the kit verifies and decodes every one of ours', () => {
      for (const [i, { line }] of drawn.entries()) {
        if (!ours[i].qr) continue;
        assert.equal(khqr.BakongKHQR.verify(ours[i].qr).isValid, true, JSON.stringify(line));
        const { data } = khqr.BakongKHQR.decode(ours[i].qr);
        assert.deepEqual([data.bakongAccountID, data.merchantName, data.merchantCity],
          [line.account, line.name, line.city]);
        if (line.amount !== undefined) assert.equal(Number(data.transactionAmount), line.amount);
        assert.equal(data.billNumber, line.billNumber ?? null);
      }
    });

    await t.test('we decode every one of its, field by field', async () => {
      const made = drawn.filter(({ readable }) => readable).map(({ theirs }) => theirs.data.qr);
      const read = await answers('decode', made);
      for (const [i, qr] of made.entries()) {
        assert.equal(read[i].valid, true, qr);
        assert.deepEqual(read[i].fields, without_nulls(khqr.BakongKHQR.decode(qr).data), qr);
      }
    });
  });
