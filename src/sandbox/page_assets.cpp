// The static files of the bank app.
#include "sandbox/html.hpp"

namespace quittance::sandbox {
namespace {

constexpr std::string_view kCss = R"(:root {
  --ink: #10233a; --soft: #56677d; --line: #dbe3ec; --paper: #f2f5f9; --card: #fff;
  --brand: #0b5fa5; --deep: #083b6b; --good: #0e7a4f; --warn: #8a5300; --bad: #b3261e;
  color-scheme: light;
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
.banner {
  margin: 0; padding: .5rem 1rem; text-align: center; font-size: .9rem;
  background: #ffe08a; color: #4a3500;
}
.top {
  display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center;
  justify-content: space-between; padding: .8rem max(1rem, calc((100% - 68rem) / 2));
  background: linear-gradient(120deg, var(--deep), var(--brand)); color: #fff;
}
.brand {
  display: inline-flex; align-items: center; gap: .6rem; color: #fff; text-decoration: none;
  font-weight: 700; font-size: 1.2rem;
}
.mark {
  display: grid; place-items: center; width: 2.1rem; height: 2.1rem; border-radius: .7rem;
  background: #fff; color: var(--brand);
}
nav { display: flex; gap: .3rem; }
nav a { color: #fff; text-decoration: none; padding: .35rem .8rem; border-radius: 2rem; }
nav a:hover { background: #ffffff26; }
nav a[aria-current] { background: #fff; color: var(--deep); font-weight: 600; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: .4rem 0 1rem; }
h2 { font-size: 1.1rem; margin: 0 0 .7rem; }
a { color: var(--brand); }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  padding: 1.1rem; margin: 0 0 1rem; box-shadow: 0 1px 3px #10233a0f;
}
.after { margin-top: 1rem; }
.narrow { max-width: 32rem; margin-inline: auto; }
.columns { display: grid; gap: 1rem; }
.columns .card { margin: 0; }
.accounts { display: grid; gap: .8rem; margin-bottom: 1rem; }
.account {
  display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 0 1rem;
  border-radius: 1rem; padding: .7rem 1.1rem; color: #fff;
  background: linear-gradient(135deg, var(--deep), #1577c9);
}
.account small { grid-row: span 2; }
.account small, .account small b { color: #fff; }
.account small b { display: block; font-size: 1rem; }
.account > b { font-size: 1.15rem; }
.account > b, .account > span { text-align: right; font-variant-numeric: tabular-nums; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows > li { border-top: 1px solid var(--line); }
.rows > li:first-child { border-top: 0; }
.row {
  display: flex; justify-content: space-between; gap: 1rem; align-items: center;
  padding: .7rem .2rem; color: inherit; text-decoration: none;
}
a.row:hover { background: #f4f8fc; }
.row > :first-child { min-width: 0; }
.row b, .row small { display: block; overflow-wrap: anywhere; }
.row .sum .tag { display: block; width: fit-content; margin-left: auto; }
.row .sum { font-weight: 700; white-space: nowrap; font-variant-numeric: tabular-nums; }
small, .soft { color: var(--soft); }
label { display: block; font-weight: 600; margin: .8rem 0 .25rem; }
input, select, textarea {
  width: 100%; font: inherit; color: inherit; background: #fff; padding: .6rem .75rem;
  border: 1px solid #8fa1b5; border-radius: .6rem;
}
textarea { min-height: 7rem; font-family: ui-monospace, monospace; font-size: .85rem; }
input[type=checkbox] { width: 1.15rem; height: 1.15rem; margin: 0; accent-color: var(--brand); }
.check { display: flex; gap: .6rem; align-items: center; font-weight: 400; }
button, .button {
  display: inline-block; font: inherit; font-weight: 700; border: 0; border-radius: .8rem;
  padding: .75rem 1.3rem; background: var(--brand); color: #fff; text-decoration: none;
  cursor: pointer; margin-top: 1rem;
}
button:hover, .button:hover { background: var(--deep); }
button[disabled] { opacity: .6; cursor: progress; }
.wide { width: 100%; text-align: center; }
.quiet { background: #e6eef6; color: var(--deep); }
.quiet:hover { background: #d5e2ef; }
.danger { background: #fbe9e7; color: var(--bad); }
.danger:hover { background: #f6d3cf; }
:focus-visible { outline: 3px solid #ffb300; outline-offset: 2px; }
.price { font-size: 2.2rem; font-weight: 800; margin: .2rem 0; font-variant-numeric: tabular-nums; }
.center { text-align: center; }
.note { border-radius: .7rem; padding: .7rem .9rem; margin: 0 0 1rem; background: #e8f1fa; }
.note.warn { background: #fff3da; color: var(--warn); }
.note.bad { background: #fbe9e7; color: var(--bad); }
.tick {
  display: grid; place-items: center; width: 4rem; height: 4rem; margin: .3rem auto;
  border-radius: 50%; background: #dff3e9; color: var(--good); font-size: 2rem; font-weight: 800;
}
.tick.bad { background: #fbe9e7; color: var(--bad); }
.pair { display: flex; flex-wrap: wrap; gap: .6rem; }
.pair button, .pair .button { margin: 0; }
#scan-file { position: absolute; width: 1px; height: 1px; padding: 0; border: 0; opacity: 0; }
#scan-file:focus-visible + *, label:has(+ #scan-file:focus-visible) {
  outline: 3px solid #ffb300; outline-offset: 2px;
}
#camera { width: 100%; border-radius: .8rem; margin-bottom: .6rem; background: #10233a; }
#scan-said:empty { display: none; }
.banks { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .6rem; }
.banks button { margin: 0; padding: .7rem .5rem; }
form h2 { margin-top: 1rem; }
.choices { display: grid; gap: .6rem; margin-top: 1rem; }
.choices button { margin: 0; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1rem; margin: 1rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
dd.mono { font-family: ui-monospace, monospace; font-size: .85rem; }
.knobs { display: grid; gap: 0 1.5rem; }
.tag { font-size: .8rem; padding: .1rem .5rem; border-radius: 1rem; background: #eef2f6; }
.tag.failed { background: #fbe9e7; color: var(--bad); }
.tag.refunded { background: #fff3da; color: var(--warn); }
@media (min-width: 46rem) {
  main { padding: 1.5rem 1rem; }
  .accounts { grid-template-columns: repeat(3, 1fr); }
  .columns { grid-template-columns: 1fr 1fr; align-items: start; }
  .knobs { grid-template-columns: 1fr 1fr; }
}
)";

constexpr std::string_view kJs = R"('use strict';
// One press, one payment: the server knows it too, this only shows it.
for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', (event) => {
    const pressed = event.submitter ?? form.querySelector('button');
    // Only when the form is on its way: a button that is off does not say which one it was.
    setTimeout(() => {
      for (const button of form.querySelectorAll('button')) button.disabled = true;
      pressed.textContent = 'One moment…';
    });
  });
}
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
// A code by camera or from a picture, where the browser can read one; else its text is pasted.
const scan = document.querySelector('#scan');
if (scan && 'BarcodeDetector' in window) {
  const detector = new window.BarcodeDetector({ formats: ['qr_code'] });
  const said = document.querySelector('#scan-said');
  const video = document.querySelector('#camera');
  const button = document.querySelector('#scan-camera');
  let stream = null;
  const take = (codes) => {
    if (codes.length === 0) return false;
    document.querySelector('#payload').value = codes[0].rawValue;
    document.querySelector('#pay-code').requestSubmit();
    return true;
  };
  const stop = () => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    video.hidden = true;
    button.textContent = 'Scan by camera';
  };
  const look = async () => {
    if (!stream) return;
    try {
      if (take(await detector.detect(video))) return stop();
    } catch {
      // No picture yet.
    }
    setTimeout(look, 200);
  };
  scan.hidden = false;
  button.hidden = !navigator.mediaDevices;
  button.addEventListener('click', async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch {
      said.textContent = 'The camera is not to be had. Scan a picture, or paste the text.';
      return;
    }
    said.textContent = 'Hold the code before the camera.';
    video.srcObject = stream;
    video.hidden = false;
    button.textContent = 'Stop the camera';
    await video.play();
    look();
  });
  document.querySelector('#scan-file').addEventListener('change', async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      if (take(await detector.detect(await createImageBitmap(file)))) return;
      said.textContent = 'There is no QR in this picture.';
    } catch {
      said.textContent = 'This is no picture that can be read.';
    }
    event.target.value = '';
  });
} else if (scan) {
  document.querySelector('#scan-said').textContent =
    'This browser cannot read codes from pictures: paste the text.';
}
// Codes that wait to be paid appear without a reload.
const waiting = document.querySelector('#waiting');
if (waiting) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const reply = await fetch('/', { headers: { Accept: 'text/html' } });
      const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html')
        .querySelector('#waiting');
      if (fresh && fresh.innerHTML !== waiting.innerHTML) {
        waiting.replaceChildren(...fresh.childNodes);
      }
    } catch {
      // The bank is away; the next look may find it.
    }
  }, 3000);
}
)";

constexpr std::string_view kIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="9" fill="#0b5fa5"/>
<circle cx="16" cy="15" r="7" fill="none" stroke="#fff" stroke-width="4"/>
<path d="m18 17 6 8" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
</svg>
)";

}  // namespace

std::string_view bank_css() { return kCss; }
std::string_view bank_js() { return kJs; }
std::string_view bank_icon() { return kIcon; }

}  // namespace quittance::sandbox
