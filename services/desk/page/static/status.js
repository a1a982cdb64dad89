// Looks every few seconds whether the gateway is there and what waits, and on a receipt whether it has the packet.
const line = document.getElementById("line");
const state = document.getElementById("state");
const received = document.getElementById("received");

async function look() {
  const query = received ? `?reference=${encodeURIComponent(received.dataset.reference)}` : "";
  const answer = await fetch("/status" + query).catch(() => null);
  if (!answer) show("bad", line.dataset.gone);
  if (!answer || !answer.ok) return;
  const told = await answer.json();
  show(told.online ? "good" : "warn", told.line);
  document.getElementById("waiting").textContent = told.waiting;
  if (told.received && received) {
    received.textContent = received.dataset.received;
    received.classList.add("good");
  }
  if (state && state.dataset.stamp !== told.stamp) {
    const now = await fetch("/state").catch(() => null);
    if (!now || !now.ok || now.redirected) return;
    state.innerHTML = await now.text();
    state.dataset.stamp = told.stamp;
  }
}

function show(kind, words) {
  if (line.textContent !== words) line.textContent = words; // else it would be read out every time
  line.className = `tag ${kind}`;
}

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.focus();
  print.addEventListener("click", () => window.print());
  addEventListener("afterprint", () => document.getElementById("next").focus());
}
look();
setInterval(look, 3000);
