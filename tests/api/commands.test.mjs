/** The commands besides `serve`, and what `serve` refuses to begin with. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import khqr from 'bakong-khqr';
import { Books } from '../support/books.mjs';
import { Client } from '../support/client.mjs';
import { environment, free_port, Process, program, remove_folder, run,
  temporary_folder } from '../support/program.mjs';
import { eventually, in_time, kPatienceMs } from '../support/wait.mjs';

const kNow = Date.now();
const kIndividual = {
  kind: 'individual',
  account: 'john_smith@devb',
  name: 'John Smith',
  city: 'Phnom Penh',
  currency: '840',
  amount: '1.5',
  billNumber: 'BILL_0123ABCD',
  expirationTimestamp: kNow + 60_000,
  now_ms: kNow,
};

async function folder_for(t) {
  const folder = await temporary_folder();
  t.after(() => remove_folder(folder));
  return folder;
}

async function answers(codec, lines) {
  const told = await run(['qr', codec], { input: lines.map((line) => `${line}\n`).join('') });
  assert.equal(told.code, 0, told.stderr);
  return told.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

test('S0.47 S0.49 C8 C9 qr encode and decode', async (t) => {
  await t.test('what we encode, the national SDK writes the same and reads', async () => {
    const [{ qr, md5 }] = await answers('encode', [JSON.stringify(kIndividual)]);
    assert.equal(khqr.BakongKHQR.verify(qr).isValid, true);
    const { data } = khqr.BakongKHQR.decode(qr);
    assert.deepEqual(
      [data.bakongAccountID, data.transactionAmount, data.billNumber, data.transactionCurrency],
      ['john_smith@devb', '1.50', 'BILL_0123ABCD', '840']);
    assert.match(md5, /^[0-9a-f]{32}$/);
    const expires = Date.now() + 3_600_000;
    const info = new khqr.IndividualInfo('john_smith@devb', 'John Smith', 'Phnom Penh', {
      currency: khqr.khqrData.currency.khr,
      amount: 50_000,
      billNumber: 'No. 1',
      mobileNumber: '85512233455',
      storeLabel: 'Coffee Shop',
      terminalLabel: 'Cashier 1',
      expirationTimestamp: expires,
    });
    const theirs = new khqr.BakongKHQR().generateIndividual(info).data;
    const now_ms = Number(khqr.BakongKHQR.decode(theirs.qr).data.creationTimestamp);
    const [ours] = await answers('encode', [JSON.stringify({
      kind: 'individual', account: 'john_smith@devb', name: 'John Smith', city: 'Phnom Penh',
      currency: '116', amount: 50_000, billNumber: 'No. 1', mobileNumber: '85512233455',
      storeLabel: 'Coffee Shop', terminalLabel: 'Cashier 1', expirationTimestamp: expires, now_ms,
    })]);
    assert.deepEqual(ours, { qr: theirs.qr, md5: theirs.md5 });
  });

  await t.test('a line in, a line out, also for lines that are wrong', async () => {
    const lines = ['', '{', '[]', '{}', JSON.stringify({ ...kIndividual, account: 'nobody' }),
      'x'.repeat(200_000), JSON.stringify(kIndividual)];
    const told = await answers('encode', lines);
    assert.equal(told.length, lines.length);
    for (const wrong of told.slice(0, -1)) {
      assert.ok(Number.isInteger(wrong.error_code) && wrong.message, JSON.stringify(wrong));
    }
    assert.ok(told.at(-1).qr);
  });

  await t.test('S0.48 every format is recognised', async () => {
    const [{ qr }] = await answers('encode', [JSON.stringify(kIndividual)]);
    const tx = 'abc123def456789';
    const told = await answers('decode', [
      qr,
      `${qr}\r`,
      'KHQR:order_id=123:transaction_id=' + tx + ':amount=50.00',
      `ORDER_123_${tx}_50.00`,
      '00020101021238570010A0000007270127000697040401080408KHQR0104...',
      'nothing of the kind',
      '',
    ]);
    assert.equal(told.length, 7);
    assert.deepEqual(told.slice(0, 4).map((one) => one.valid), [true, true, true, true]);
    assert.deepEqual(told[0], told[1]);
    assert.deepEqual(told.slice(4).map((one) => one.valid), [false, false, false]);
    for (const wrong of told.slice(4)) assert.ok(wrong.errors.length > 0);
    assert.ok(JSON.stringify(told[2].fields).includes(tx));
    assert.ok(JSON.stringify(told[3].fields).includes(tx));
  });

  await t.test('who waits for each answer gets it', async (t) => {
    const child = spawn(program, ['qr', 'decode'], { env: environment(), stdio: 'pipe' });
    t.after(() => child.kill('SIGKILL'));
    for (const text of ['one', 'two', 'three']) {
      child.stdin.write(`${text}\n`);
      const [line] = await in_time('the answer', kPatienceMs, once(child.stdout, 'data'));
      assert.equal(JSON.parse(line).valid, false);
    }
    child.stdin.end();
    assert.deepEqual(await in_time('the end', kPatienceMs, once(child, 'exit')), [0, null]);
  });

  await t.test('another word is a wrong command', async () => {
    const told = await run(['qr', 'transcode']);
    assert.equal(told.code, 2);
    assert.match(told.stderr, /encode \| decode/);
    assert.notEqual((await run([])).code, 0);
    assert.notEqual((await run(['dance'])).code, 0);
  });
});

test('S0.35 S2.59 migrate', async (t) => {
  const folder = await folder_for(t);
  const books = await Books.open(folder);
  t.after(() => books.remove());
  const migrate = () => run(['migrate', '--data', folder], { settings: books.settings() });
  const newest = /schema 0 -> (\d+)/;

  await t.test('brings an empty folder up to date, and the second time it is', async () => {
    const first = await migrate();
    assert.equal(first.code, 0, first.stderr);
    const version = newest.exec(first.stdout)[1];
    const second = await migrate();
    assert.deepEqual([second.code, second.stdout.trim()], [0, `schema ${version} -> ${version}`]);
    for (const name of ['payment_sessions', 'orders', 'customers', 'settlements']) {
      assert.deepEqual(await books.rows(`SELECT COUNT(*) AS n FROM ${name}`), [{ n: 0 }]);
    }
  });

  const serve = async () => run(
    ['serve', '--data', folder, '--port', String(await free_port())],
    { settings: { ...books.settings(), BAKONG_BASE_URL: 'http://127.0.0.1:9',
      BAKONG_ACCOUNT_ID: 'a@b', BAKONG_TOKEN: 'x' } });

  await t.test('refuses a database from a newer program, and so does serve', async () => {
    await books.change(`INSERT INTO schema_migrations (version, name, sha256, applied_at)
      SELECT MAX(version) + 1, 'from the future', 'x', 0 FROM schema_migrations`);
    for (const told of [await migrate(), await serve()]) {
      assert.equal(told.code, 1);
      assert.match(told.stderr, /newer Quittance/);
    }
    await books.change('DELETE FROM schema_migrations WHERE sha256 = \'x\'');
    assert.equal((await migrate()).code, 0);
  });

  await t.test('refuses a database that was made with other migrations', async () => {
    await books.change('UPDATE schema_migrations SET sha256 = \'0\' WHERE version = 1');
    for (const told of [await migrate(), await serve()]) {
      assert.equal(told.code, 1);
      assert.match(told.stderr, /differs/);
    }
  });
});

const kQpay = {
  QPAY_CLIENT_ID: 'TEST_MERCHANT',
  QPAY_CLIENT_SECRET: 'qpay-secret-value',
  QPAY_INVOICE_CODE: 'TEST_INVOICE',
};
const kMvola = {
  MVOLA_CONSUMER_KEY: 'key',
  MVOLA_CONSUMER_SECRET: 'mvola-secret-value',
  MVOLA_PARTNER_NUMBER: '0343500004',
};

test('S2.52 serve says what is missing or wrong, and does not begin', async (t) => {
  const folder = await folder_for(t);
  const port = String(await free_port());
  const good = {
    BAKONG_BASE_URL: 'https://bank.example',
    BAKONG_ACCOUNT_ID: 'shop@bank',
    BAKONG_TOKEN: 'secret-token-value',
  };
  const refusals = {
    'no settings at all': [{}, /BAKONG_BASE_URL, BAKONG_ACCOUNT_ID and BAKONG_TOKEN/],
    'no token': [{ ...good, BAKONG_TOKEN: '' }, /BAKONG_TOKEN/],
    'S2.57 live over http': [
      { ...good, BAKONG_ENV: 'live', BAKONG_BASE_URL: 'http://bank.example' }, /https:\/\//],
    'live beside a sandbox': [
      { ...good, BAKONG_ENV: 'live', QUITTANCE_SANDBOX_URL: 'http://127.0.0.1:8001' },
      /QUITTANCE_SANDBOX_URL/],
    'an unknown environment': [{ ...good, BAKONG_ENV: 'production' }, /BAKONG_ENV/],
    'S2.52 QPay without its secret': [{ ...good, ...kQpay, QPAY_CLIENT_SECRET: '' },
      /QPAY_CLIENT_SECRET is missing/],
    'S2.52 QPay without its client id': [{ ...good, ...kQpay, QPAY_CLIENT_ID: '' },
      /QPAY_CLIENT_ID is missing/],
    'S2.52 QPay without an invoice code': [{ ...good, ...kQpay, QPAY_INVOICE_CODE: '' },
      /QPAY_INVOICE_CODE is missing/],
    'a QPay branch without a login': [{ ...good, ...kQpay, QPAY_BRANCHES: 'CENTER' },
      /QPAY_CLIENT_ID_CENTER is missing/],
    'S2.57 QPay live with an http callback': [{ ...good, ...kQpay, QPAY_ENV: 'live',
      QPAY_CALLBACK_URL: 'http://shop.example/api/qpay/callback' }, /QPAY_CALLBACK_URL/],
    'S2.57 QPay live and an http shop': [{ ...good, ...kQpay, QPAY_ENV: 'live',
      QUITTANCE_PUBLIC_URL: 'http://shop.example' }, /QPAY_CALLBACK_URL/],
    'QPay live at the sandbox': [{ ...good, ...kQpay, QPAY_ENV: 'live',
      QUITTANCE_PUBLIC_URL: 'https://shop.example',
      QPAY_BASE_URL_LIVE: 'https://merchant-sandbox.qpay.mn' }, /QPAY_BASE_URL_LIVE/],
    'QPay sandbox at the live service': [{ ...good, ...kQpay,
      QPAY_BASE_URL_SANDBOX: 'https://merchant.qpay.mn' }, /QPAY_BASE_URL_SANDBOX/],
    'QPay live beside a sandbox': [{ ...good, ...kQpay, QPAY_ENV: 'live',
      QUITTANCE_PUBLIC_URL: 'https://shop.example',
      QUITTANCE_SANDBOX_URL: 'http://127.0.0.1:8001' }, /QUITTANCE_SANDBOX_URL/],
    'MVola without its number': [{ ...good, ...kMvola, MVOLA_PARTNER_NUMBER: '' },
      /MVOLA_PARTNER_NUMBER is missing/],
    'MVola with a number of elsewhere': [{ ...good, ...kMvola, MVOLA_PARTNER_NUMBER: '0601020304' },
      /MVOLA_PARTNER_NUMBER/],
    'MVola sandbox at the live service': [{ ...good, ...kMvola,
      MVOLA_BASE_URL: 'https://api.mvola.mg' }, /MVOLA_BASE_URL/],
    'MVola live at the sandbox': [{ ...good, ...kMvola, MVOLA_ENV: 'live',
      QUITTANCE_PUBLIC_URL: 'https://shop.example', MVOLA_BASE_URL: 'https://devapi.mvola.mg' },
      /MVOLA_BASE_URL/],
    'a cash desk that is maybe there': [{ ...good, QUITTANCE_CASH_DESK: 'maybe' },
      /QUITTANCE_CASH_DESK/],
    'a tick that is no number': [{ ...good, QUITTANCE_TICK_MS: '2s' }, /QUITTANCE_TICK_MS/],
    'a tick of nothing': [{ ...good, QUITTANCE_TICK_MS: '0' }, /QUITTANCE_TICK_MS/],
    'a port beyond the last': [{ ...good, QUITTANCE_PORT: '65536' }, /QUITTANCE_PORT/],
  };
  for (const [name, [settings, words]] of Object.entries(refusals)) {
    await t.test(name, async () => {
      const told = await run(['serve', '--data', folder, '--port', port], { settings });
      assert.equal(told.code, 2, told.stderr);
      assert.match(told.stderr, words);
      for (const secret of [good.BAKONG_TOKEN, kQpay.QPAY_CLIENT_SECRET,
        kMvola.MVOLA_CONSUMER_SECRET]) {
        assert.ok(!told.stderr.includes(secret), 'a secret is shown');
      }
      assert.equal(told.stdout, '');
    });
  }
  await t.test('a damaged key', async (t) => {
    const damaged = await folder_for(t);
    await writeFile(join(damaged, 'pass_key'), 'short\n');
    const told = await run(['serve', '--data', damaged, '--port', port], { settings: good });
    assert.equal(told.code, 1);
    assert.match(told.stderr, /pass_key is damaged/);
  });
  await t.test('a port that is taken', async (t) => {
    const first = await Process.start(['serve', '--data', folder, '--port', port], good);
    t.after(() => first.stop());
    const second = await folder_for(t);
    const told = await run(['serve', '--data', second, '--port', port], { settings: good });
    assert.equal(told.code, 1);
    assert.match(told.stderr, /in use|listen/i);
    assert.deepEqual(await first.stop(), { code: 0, signal: null });
    assert.ok(!first.output.includes(good.BAKONG_TOKEN), 'the token is logged');
  });
});

test('C3 no sandbox beside what is live', async (t) => {
  const folder = await folder_for(t);
  const bakong = { BAKONG_ENV: 'live', BAKONG_BASE_URL: 'https://bank.example',
    BAKONG_ACCOUNT_ID: 'shop@bank', BAKONG_TOKEN: 'a token' };
  const stripe = { STRIPE_ENV: 'live', STRIPE_SECRET_KEY: 'sk_live_1' };
  const razorpay = { RAZORPAY_ENV: 'live', RAZORPAY_KEY_ID: 'rzp_live_1',
    RAZORPAY_KEY_SECRET: 'its key' };
  for (const [name, settings] of Object.entries({ bakong, stripe, razorpay })) {
    for (const flags of [['sandbox'], ['sandbox', '--chaos', '7'], ['sandbox', '--payers', '60'],
      ['demo', '--port', '0']]) {
      await t.test(`${name} is live: ${flags.join(' ')}`, async () => {
        const told = await run([...flags, '--sandbox-port', '0', '--data', folder], { settings });
        assert.equal(told.code, 1, told.stderr);
        assert.match(told.stderr, /does not run in a live environment/);
        assert.equal(told.stdout, '', 'no plan, no keys');
      });
    }
  }
  await t.test('what is no seed and no speed', async () => {
    for (const flags of [['--chaos', 'storm'], ['--chaos', '-1'], ['--payers', '0'],
      ['--payers', '10000001']]) {
      const told = await run(['sandbox', '--sandbox-port', '0', '--data', folder, ...flags]);
      assert.notEqual(told.code, 0, flags.join(' '));
    }
  });
});

test('the same seed prints the same chaos', async (t) => {
  const plan_of = async (seed) => {
    const folder = await folder_for(t);
    const bank = await Process.start(
      ['sandbox', '--sandbox-port', '0', '--data', folder, '--chaos', String(seed)]);
    const printed = () => /Chaos by seed [^]*razorpay[^]*\n$/.exec(bank.output);
    await eventually('the plan is printed', kPatienceMs, printed);
    // It comes in pieces: it is whole when nothing more can come.
    await bank.stop();
    return printed()[0];
  };
  const [once_more, plan] = [await plan_of(7), await plan_of(7)];
  assert.equal(once_more, plan);
  assert.notEqual((await plan_of(8)).replace('seed 8', 'seed 7'), plan);
  for (const rail of ['bakong', 'mvola', 'qpay', 'stripe', 'razorpay']) {
    assert.ok(plan.split('\n').filter((line) => line.startsWith(`  ${rail} `)).length > 10, rail);
  }
});

test('demo is a whole shop in one command', async (t) => {
  const folder = await folder_for(t);
  const [port, sandbox_port] = [await free_port(), await free_port()];
  const demo = await Process.start(
    ['demo', '--data', folder, '--port', String(port), '--sandbox-port', String(sandbox_port)],
    {}, /Everything is kept[^]*?/);
  t.after(() => demo.stop());
  assert.ok(demo.output.includes(`http://127.0.0.1:${port}/`));
  assert.ok(demo.output.includes(`http://127.0.0.1:${sandbox_port}/`));
  const password = /admin \/ (\S+)\)/.exec(demo.output)[1];
  const client = new Client(`http://127.0.0.1:${port}`);
  const bank = new Client(`http://127.0.0.1:${sandbox_port}`);
  t.after(() => [client, bank].forEach((one) => one.close()));
  assert.equal((await client.log_in('admin', password)).json.role, 'admin');
  assert.equal((await client.get('/health')).json.status, 'ok');
  const me = (await client.get('/api/auth/me')).json;
  assert.deepEqual([me.livemode, me.sandbox_url], [false, `http://127.0.0.1:${sandbox_port}`]);
  const placed = await client.post('/api/orders', { items: [{ product_id: 1, quantity: 1 }] });
  assert.equal(placed.status, 201, placed.text);
  const { sessions } = (await client.get(`/api/orders/${placed.json.order_id}`)).json;
  assert.equal((await bank.post('/control/pay', { qr: sessions[0].qr_data })).status, 200);
  await eventually('the order is completed', kPatienceMs, async () => {
    const { json } = await client.get(`/api/orders/${placed.json.order_id}/status`);
    return json.status === 'COMPLETED';
  });
  assert.deepEqual(await demo.stop('SIGINT'), { code: 0, signal: null });
});
