// Makes oracle.json: our own inputs run through the official KHQR SDK with a fixed clock.
//
//   npm install bakong-khqr@1.0.20      (in any folder)
//   NODE_PATH=<folder>/node_modules node generate.mjs > oracle.json
//
// Each entry has the input, now_ms and either qr + md5 + decode + verify (at now_ms) or
// error_code + message. Inputs for which the SDK makes something unreadable are marked
// `broken`: our encoder refuses those.
import { createRequire } from "node:module";

const require = createRequire(process.env.NODE_PATH + "/");
const { BakongKHQR, IndividualInfo, MerchantInfo } = require("bakong-khqr");

const now = 1767225600000; // 2026-01-01T00:00:00Z
const later = now + 600000;
Date.now = () => now;

const shop = {
  kind: "individual", account: "mekong_books@demo", name: "Mekong Books", city: "Kampot",
};
const firm = {
  kind: "merchant", account: "lotus@demo", name: "Lotus Trading", city: "Battambang",
  merchantID: "LT-0042", acquiringBank: "Example Bank",
};
const of = (base, more) => ({ ...base, ...more });
const dollars = (amount) => of(shop, { currency: 840, amount, expirationTimestamp: later });
const riel = (amount) => of(shop, { currency: 116, amount, expirationTimestamp: later });
const text = (length, letter = "w") => letter.repeat(length);

const inputs = [
  shop, firm, of(shop, { city: "" }), of(shop, { city: null }), of(shop, { currency: 840 }),
  of(firm, { currency: 840 }), riel(1), riel(0), riel("0"), riel("0.00"), riel(4000),
  riel("4000.0"), riel("1e3"), riel(1e3), riel(9999999999999), riel(99999999999999), riel(0.5),
  riel("12.5"), riel(-5), riel("-5"), riel("abc"), dollars(1), dollars(0.01), dollars("0.01"),
  dollars(1.5), dollars("1.5"), dollars("1.50"), dollars("1."), dollars(".5"), dollars("007"),
  dollars("007.5"), dollars(100), dollars("100.00"), dollars(19.99), dollars(1.234),
  dollars("1.000"), dollars(-1), dollars(9999999999.99), dollars(99999999999.99),
  dollars(9999999999999), dollars(1e2), dollars(1e-7), dollars(1e21), dollars("1e2"),
  dollars("12abc"), of(shop, { name: "ហាងសៀវភៅ" }), of(shop, { name: "Cafe 🍜🍲", city: "កំពត" }),
  of(shop, { name: text(25) }), of(shop, { name: text(26) }),
  of(shop, { name: "🍜".repeat(12) + "x" }), of(shop, { name: "🍜".repeat(13) }),
  of(shop, { name: "" }), of(shop, { name: null }), of(shop, { city: text(15) }),
  of(shop, { city: text(16) }), of(shop, { account: "" }), of(shop, { account: null }),
  of(shop, { account: "nobank" }), of(shop, { account: text(27) + "@demo" }),
  of(shop, { account: text(28) + "@demo" }), of(shop, { account: "a@b@c" }),
  of(shop, { accountInformation: "012 345 678" }), of(shop, { accountInformation: text(33, "9") }),
  of(shop, { acquiringBank: "Example Bank" }), of(shop, { acquiringBank: text(33) }),
  of(shop, {
    account: text(27) + "@demo",
    accountInformation: text(32, "7"),
    acquiringBank: text(32, "b"),
  }),
  of(firm, { merchantID: "" }), of(firm, { merchantID: text(33) }), of(firm, { acquiringBank: "" }),
  of(firm, { acquiringBank: null }), of(firm, { acquiringBank: text(33) }),
  of(firm, {
    amount: 125000,
    expirationTimestamp: later,
    billNumber: "BILL_0A1B2C3D",
    purposeOfTransaction: "Paper",
  }),
  of(shop, { billNumber: "BILL_0A1B2C3D" }), of(shop, { billNumber: text(26) }),
  of(shop, { billNumber: "" }), of(shop, { mobileNumber: "012000111" }),
  of(shop, { mobileNumber: text(26, "1") }), of(shop, { storeLabel: "ផ្សារ" }),
  of(shop, { storeLabel: text(26) }), of(shop, { terminalLabel: "T-9" }),
  of(shop, { terminalLabel: text(26) }), of(shop, { purposeOfTransaction: text(25) }),
  of(shop, { purposeOfTransaction: text(26) }),
  of(shop, {
    billNumber: text(25),
    storeLabel: text(25),
    terminalLabel: text(25),
    purposeOfTransaction: text(8),
  }),
  of(shop, {
    billNumber: text(25),
    storeLabel: text(25),
    terminalLabel: text(25),
    purposeOfTransaction: text(9),
  }),
  of(shop, {
    languagePreference: "km",
    merchantNameAlternateLanguage: "ហាងសៀវភៅ",
    merchantCityAlternateLanguage: "កំពត",
  }),
  of(shop, { languagePreference: "km" }),
  of(shop, { languagePreference: "khm", merchantNameAlternateLanguage: "x" }),
  of(shop, { languagePreference: "km", merchantNameAlternateLanguage: text(26) }),
  of(shop, {
    languagePreference: "km",
    merchantNameAlternateLanguage: "x",
    merchantCityAlternateLanguage: text(16),
  }),
  of(shop, { merchantCityAlternateLanguage: "កំពត" }),
  of(shop, { merchantNameAlternateLanguage: "x" }), of(shop, { merchantCategoryCode: "5942" }),
  of(shop, { merchantCategoryCode: 5942 }), of(shop, { merchantCategoryCode: "00" }),
  of(shop, { merchantCategoryCode: "59x2" }), of(shop, { merchantCategoryCode: "59420" }),
  of(shop, { merchantCategoryCode: "" }), of(shop, { upiMerchantAccount: text(31, "5") }),
  of(shop, { upiMerchantAccount: text(100, "5") }),
  of(shop, { upiMerchantAccount: text(31, "5"), currency: 840 }), of(shop, { currency: 978 }),
  of(shop, { currency: "840" }), of(shop, { currency: "USD" }), of(shop, { currency: "1160" }),
  of(shop, { currency: 1160 }), of(shop, { currency: 0 }), of(shop, { amount: 10 }),
  of(shop, { amount: 10, expirationTimestamp: now }),
  of(shop, { amount: 10, expirationTimestamp: now - 1 }),
  of(shop, { amount: 10, expirationTimestamp: 12345 }),
  of(shop, { amount: 10, expirationTimestamp: String(later) }),
  of(shop, { amount: 10, expirationTimestamp: "soon" }),
  of(shop, { amount: 10, expirationTimestamp: "" }),
  of(shop, { amount: 10, expirationTimestamp: later * 10 }),
  of(shop, { expirationTimestamp: later }),
];

function run(input) {
  const { kind, account, name, city, merchantID, acquiringBank, ...rest } = input;
  const sdk = new BakongKHQR();
  if (kind === "merchant") {
    const info = new MerchantInfo(account, name, city, merchantID, acquiringBank, rest);
    return sdk.generateMerchant(info);
  }
  const optional = { ...rest, acquiringBank };
  return sdk.generateIndividual(new IndividualInfo(account, name, city, optional));
}

const isReadable = (qr) => {
  let rest = qr;
  while (rest.length > 0) {
    if (!/^\d{4}/.test(rest)) return false;
    const length = Number(rest.slice(2, 4));
    if (rest.length < 4 + length) return false;
    if (rest.startsWith("54") && !/^\d+(\.\d+)?$/.test(rest.slice(4, 4 + length))) return false;
    rest = rest.slice(4 + length);
  }
  return true;
};

const entries = inputs.map((input) => {
  const { status, data } = run(input);
  if (status.code !== 0) {
    return { input, now_ms: now, error_code: status.errorCode, message: status.message };
  }
  if (typeof data.qr !== "string" || !isReadable(data.qr)) {
    return { input, now_ms: now, broken: true };
  }
  const decode = Object.fromEntries(
    Object.entries(BakongKHQR.decode(data.qr).data).filter(([, value]) => value !== null),
  );
  const verify = BakongKHQR.verify(data.qr).isValid;
  return { input, now_ms: now, qr: data.qr, md5: data.md5, decode, verify };
});

const about = "Our inputs through npm bakong-khqr@1.0.20, Date.now() fixed; made by generate.mjs.";
console.log(`{"about":${JSON.stringify(about)},"entries":[`);
console.log(entries.map((entry) => JSON.stringify(entry)).join(",\n"));
console.log("]}");
