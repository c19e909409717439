/** The sandbox bank's app: scanning by camera and from a picture, and a look at its pages. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, Browser, kDesk, kPhone } from '../support/browser.mjs';
import { Demo } from '../support/demo.mjs';
import { look_at } from '../support/look.mjs';

const button = (page, name) => page.getByRole('button', { name });
const heading = (page, name) => page.getByRole('heading', { name });

/**
 * A browser that reads codes. The one of the tests has no BarcodeDetector, so it gets one that sees
 * `text`; the camera is a stream of a canvas.
 */
const with_eyes = (page, text) => page.addInitScript((seen) => {
  window.BarcodeDetector = class {
    async detect(source) {
      window.looked_at = source.constructor.name;
      return seen ? [{ rawValue: seen }] : [];
    }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d').fillRect(0, 0, 10, 10);
    return canvas.captureStream(5);
  };
}, text);

test('scanning a code by camera and from a picture', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const placed = await customer.order(demo.url, { product_id: 10, payment_method: 'qpay' });
  const { qr_data } = placed.session;
  const png = await customer.context.request.get(
    `${demo.url}/api/payment/sessions/${placed.session.session_id}/qr.png`);

  async function eyes(text) {
    const page = await customer.context.newPage();
    await with_eyes(page, text);
    await page.goto(`${demo.bank_url}/`);
    return page;
  }

  await t.test('by camera', async () => {
    const page = await eyes(qr_data);
    await button(page, 'Scan by camera').click();
    await arrived(page, /^\/rails\/qpay\//);
    await heading(page, 'Choose a bank').waitFor();
    await page.close();
  });

  await t.test('from a picture, by keyboard too', async () => {
    const page = await eyes(qr_data);
    const input = page.getByLabel('Scan a picture');
    await input.focus();
    await input.setInputFiles({ name: 'qr.png', mimeType: 'image/png', buffer: await png.body() });
    await arrived(page, /^\/rails\/qpay\//);
    await page.close();
  });

  await t.test('a picture without a code, and no camera: it says so', async () => {
    const page = await eyes('');
    await page.getByLabel('Scan a picture').setInputFiles(
      { name: 'qr.png', mimeType: 'image/png', buffer: await png.body() });
    await page.getByText('There is no QR in this picture.').waitFor();
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no camera'));
    });
    await button(page, 'Scan by camera').click();
    await page.getByText('The camera is not to be had.').waitFor();
    await page.close();
  });

  await t.test('a browser that cannot read codes says that one can paste', async () => {
    const page = await customer.context.newPage();
    await page.addInitScript(() => delete window.BarcodeDetector);
    await page.goto(`${demo.bank_url}/`);
    await page.getByText('This browser cannot read codes from pictures').waitFor();
    assert.equal(await button(page, 'Scan by camera').isVisible(), false);
    await page.close();
  });

  await t.test('every page of a rail, on a phone and on a desk', async () => {
    await customer.order(demo.url, { product_id: 11, payment_method: 'mvola',
      payer_phone: '0341234567' });
    await customer.order(demo.url, { product_id: 12, payment_method: 'razorpay' });
    await customer.order(demo.url, { product_id: 3, payment_method: 'stripe' });
    for (const viewport of [kPhone, kDesk]) {
      const visitor = await browser.visitor({ viewport });
      const page = await visitor.open(`${demo.bank_url}/`);
      await with_eyes(page, '');
      await page.reload();
      assert.deepEqual(await look_at(page, 'bank-app-home'), []);
      const paths = await page.locator('#waiting a').evaluateAll(
        (links) => links.map((each) => each.getAttribute('href')));
      const rails = paths.map((path) => /^\/rails\/(\w+)\//.exec(path)?.[1]);
      for (const rail of ['mvola', 'qpay', 'stripe', 'razorpay']) {
        await page.goto(demo.bank_url + paths[rails.indexOf(rail)]);
        assert.deepEqual(await look_at(page, `bank-app-${rail}`), []);
      }
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    }
  });
  assert.deepEqual(customer.complaints, []);
});
