// Locks the page when nobody has touched it for the desk's time, and tells the desk while somebody does.
const seconds = Number(document.getElementById("idle").dataset.seconds);
const TELL_MS = Math.min(20, seconds / 3) * 1000;
let touched = Date.now();
let told = Date.now();
let left = false;

function look() {
  const now = Date.now();
  if (now - touched > seconds * 1000) leave();
  else if (touched > told && now - told > TELL_MS) { // also of the last touch: the desk must not lock before the page
    told = now;
    post("/alive", {}).then((answer) => { if (answer && answer.status === 401) leave(); });
  }
}

async function leave() {
  if (left) return;
  left = true;
  const form = document.getElementById("document");
  const typed = form && new FormData(form);
  document.body.replaceChildren(); // nothing stays on the screen, nor in the page that "back" shows
  if (typed) await post("/document", { body: typed }); // the desk keeps it, with the rest of this worker
  await post("/lock", {});
  location.replace("/unlock");
}

function post(address, options) {
  return fetch(address, { method: "POST", redirect: "manual", ...options }).catch(() => null);
}

for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
}
setInterval(look, 1000);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
