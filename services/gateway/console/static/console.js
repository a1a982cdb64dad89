// What a page does better with a script. Everything works without it.
'use strict';

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// A part of a page that is still growing (a list being screened) is asked for again until it is done.
async function grow() {
  const part = document.querySelector('[data-live]');
  if (!part) return;
  await new Promise((done) => setTimeout(done, 1500));
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id);
  if (fresh) part.replaceWith(fresh);
  grow();
}
grow();

// Deciding with keys: a number picks a finding, g goes to the grounds, r to the reason, Ctrl+Enter decides.
const decision = document.querySelector('form[data-keys]');
if (decision) {
  decision.querySelector('[data-hint]').hidden = false;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey && event.key === 'Enter') return decision.requestSubmit();
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches('textarea, input:not([type=radio]):not([type=checkbox]), select')) return;
    const wanted = { g: 'input[name=ground]', r: '#reason' }[event.key] ?? `[data-key="${/^[1-9]$/.test(event.key) ? event.key : ''}"]`;
    const field = decision.querySelector(wanted);
    if (!field) return;
    event.preventDefault();
    if (field.type === 'radio') field.checked = true;
    field.focus();
  });
}

// Both images of a pair are moved together.
for (const pair of document.querySelectorAll('.pair')) {
  const panes = [...pair.querySelectorAll('.pane')];
  for (const pane of panes) {
    pane.addEventListener('scroll', () => {
      for (const other of panes) {
        if (other !== pane) { other.scrollTop = pane.scrollTop; other.scrollLeft = pane.scrollLeft; }
      }
    }, { passive: true });
  }
}

// The proof of inclusion, computed here (RFC 9162, section 2.1.3.2), so that nobody has to believe the page.
const check = document.querySelector('#check[data-entry]');
if (check && window.crypto?.subtle) {
  const { entry, number, size, path, root } = check.dataset;
  const octets = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const hash = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer()));
  (async () => {
    let place = BigInt(number) - 1n, last = BigInt(size) - 1n;
    let node = await hash(Uint8Array.of(0), entry);
    let holds = true;
    for (const each of path.split(' ').filter(Boolean).map(octets)) {
      if (last === 0n) holds = false;
      if (place & 1n || place === last) {
        node = await hash(Uint8Array.of(1), each, node);
        while (!(place & 1n) && place) { place >>= 1n; last >>= 1n; }
      } else {
        node = await hash(Uint8Array.of(1), node, each);
      }
      place >>= 1n; last >>= 1n;
    }
    const wanted = octets(root);
    holds &&= last === 0n && wanted.length === node.length && node.every((octet, at) => octet === wanted[at]);
    check.querySelector('[data-checking]').hidden = true;
    check.querySelector(holds ? '[data-good]' : '[data-bad]').hidden = false;
  })();
}
