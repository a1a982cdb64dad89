// Locks the page when nobody has touched it for the desk's time, and tells the desk while somebody does.
const seconds = Number(document.getElementById("idle").dataset.seconds);
const TELL_MS = Math.min(20, seconds / 3) * 1000;
let touched = Date.now();
let told = Date.now();

function touch() {
  touched = Date.now();
  if (touched - told > TELL_MS) {
    told = touched;
    fetch("/alive", { method: "POST" }).then((answer) => { if (answer.status === 401) leave(); }, () => {});
  }
}

function leave() {
  document.body.replaceChildren(); // nothing stays on the screen, nor in the page that "back" shows
  location.replace("/unlock");
}

for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) addEventListener(kind, touch, { passive: true });
setInterval(() => { if (Date.now() - touched > seconds * 1000) leave(); }, 1000);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
