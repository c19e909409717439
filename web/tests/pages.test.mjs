/** The built pages keep the contract with the server: slots, sections, and a strict policy. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

const dist = new URL('../dist/', import.meta.url);
const pages = readdirSync(dist)
  .filter((name) => name.endsWith('.html'))
  .sort();
const html_of = (name) => readFileSync(new URL(name, dist), 'utf8');

/** What each page must offer to the server beyond the slots of every page. */
const kSlots = {
  'checkout.html': [
    'order_id',
    'amount_text',
    'status_text',
    'qr_svg_url',
    'save_url',
    'recovery_code',
    'bill_number',
    'expires_at',
    'session_id',
    'receipt_url',
    'method_title',
    'how_text',
    'picture_url',
    'ways_url',
    'asked_phone',
    'link',
  ],
  'receipt.html': [
    'order_id',
    'amount_text',
    'paid_at_text',
    'provider_ref_short',
    'pass_url',
    'pass_qr_svg_url',
    'status_text',
    'given_back_text',
    'given_back_at_text',
    'name',
    'quantity',
    'price_text',
    'receipt_url',
    'tax_number',
    'tax_lottery',
    'tax_amount',
    'tax_vat',
    'tax_city',
    'tax_issued_at',
    'tax_voided_at',
    'tax_qr',
  ],
  'verification.html': [
    'subject',
    'amount_text',
    'paid_at_text',
    'valid_until_text',
    'reference',
    'given_back_text',
    'given_back_at_text',
  ],
  'recover.html': ['order_id', 'amount_text', 'status_text', 'checkout_url', 'receipt_url'],
  'save-qr.html': ['order_id', 'amount_text', 'session_id', 'recovery_code', 'receipt_url'],
  'ways.html': ['ways_url', 'method', 'method_title', 'text', 'payer_phone', 'problem_text'],
  'error.html': ['status', 'message', 'request_id'],
};
const kSections = {
  'checkout.html': [
    'pending',
    'by_khqr',
    'by_code',
    'by_picture',
    'by_phone',
    'by_desk',
    'by_not_shown',
    'by_over',
    'knows_phone',
    'rings_phone',
    'links',
    'other_ways',
    'completed',
    'canceled',
    'refunded',
  ],
  'ways.html': ['choose', 'marked_ways', 'ways', 'rings_phone', 'problem'],
  'receipt.html': [
    'completed',
    'refunded',
    'given_back',
    'items',
    'taxed',
    'tax_receipts',
    'tax_waiting',
    'tax_issued',
    'tax_leaving',
    'tax_voided',
    'tax_refused',
    'tax_doubtful',
    'tax_citizen',
    'tax_company',
    'tax_lottery',
    'tax_qr',
  ],
  'save-qr.html': ['pending', 'completed', 'canceled', 'refunded'],
  'verification.html': ['ask', 'valid', 'expired', 'revoked', 'refunded', 'unknown'],
  'recover.html': ['ask', 'found', 'paid', 'refunded', 'not_found'],
};

test('all fourteen pages are there', () => {
  assert.deepEqual(pages, [
    'cart.html',
    'checkout.html',
    'error.html',
    'orders.html',
    'receipt.html',
    'recover.html',
    'save-qr.html',
    'shop.html',
    'staff-login.html',
    'staff-order.html',
    'staff-orders.html',
    'staff-payments.html',
    'verification.html',
    'ways.html',
  ]);
});

for (const name of pages) {
  const html = html_of(name);

  test(`${name}: nothing inline that the content security policy refuses`, () => {
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/i);
    for (const [, attributes, inside] of html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
      assert.match(attributes, /src="\/assets\//);
      assert.equal(inside.trim(), '');
    }
  });

  test(`${name}: everything it names exists, and comes from us`, () => {
    assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
    for (const [, path] of html.matchAll(/(?:src|href)="\/(assets\/[^"#]+)/g)) {
      assert.ok(existsSync(new URL(path, dist)), path);
    }
  });

  test(`${name}: slots and sections survived the build, and sections close`, () => {
    for (const slot of ['csrf_token', 'merchant', ...(kSlots[name] ?? [])]) {
      assert.ok(html.includes(`{{${slot}}}`), slot);
    }
    const opened = [...html.matchAll(/<!--(?:if|each):(\w+)-->/g)].map((match) => match[1]);
    const closed = [...html.matchAll(/<!--end:(\w+)-->/g)].map((match) => match[1]);
    assert.deepEqual(opened.sort(), closed.sort());
    for (const section of ['sandbox', ...(kSections[name] ?? [])]) {
      assert.ok(opened.includes(section), section);
    }
    assert.doesNotMatch(html, /<!--part:|data-nav=|vite-ignore/);
  });

  test(`${name}: one main, a way past the header, a language`, () => {
    assert.equal(html.match(/<main id="main"/g)?.length, 1);
    assert.match(html, /<a class="skip" href="#main"/);
    assert.match(html, /<html lang="en">/);
  });
}

test('the QR and the verification result need no script', () => {
  const checkout = html_of('checkout.html');
  assert.match(checkout, /<img class="qr" src="{{qr_svg_url}}"/);
  assert.match(checkout, /<noscript><meta http-equiv="refresh" content="5"><\/noscript>/);
  for (const word of ['Valid', 'Expired', 'Revoked', 'Refunded', 'Not found']) {
    assert.match(html_of('verification.html'), new RegExp(`<h1[^>]*>${word}</h1>`));
  }
});
