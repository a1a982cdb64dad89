// The camera: small pictures go to the desk on this PC, which says what to tell the worker; one whole photo is kept.
const WIDE = 3 / 4; // the photo's width over its height
const LOOK_MS = 350;
const live = document.getElementById("live");
const take = document.getElementById("take");
const told = document.getElementById("told");
const guide = document.getElementById("guide");
const taken = document.getElementById("taken");
const form = document.getElementById("photo");
let showing = false;
let busy = false;

function picture(height) {
  const wanted = Math.min(live.videoWidth, live.videoHeight * WIDE);
  const tall = wanted / WIDE;
  const canvas = document.createElement("canvas");
  canvas.height = Math.min(height, Math.round(tall));
  canvas.width = Math.round(canvas.height * WIDE);
  const left = (live.videoWidth - wanted) / 2;
  const top = (live.videoHeight - tall) / 2;
  canvas.getContext("2d").drawImage(live, left, top, wanted, tall, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function jpeg(canvas, quality) {
  return new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
}

async function look() {
  if (showing && !busy && live.videoWidth) {
    busy = true;
    const body = await jpeg(picture(480), 0.8);
    const answer = await fetch("/photo/frame", { method: "POST", body }).catch(() => null);
    if (answer && answer.ok && showing) say(await answer.json());
    busy = false;
  }
  if (showing) setTimeout(look, LOOK_MS);
}

function say({ good, say: words }) {
  const text = good ? told.dataset.good : words[0];
  if (told.textContent !== text) told.textContent = text;
  told.className = `notice ${good ? "good" : "warn"}`;
  guide.classList.toggle("good", good);
  take.dataset.good = good ? "yes" : "no";
}

async function start() {
  try {
    live.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } }, audio: false,
    });
  } catch {
    told.textContent = told.dataset.none;
    told.className = "notice warn";
    document.querySelector("details.more").open = true;
    document.getElementById("photo-file").focus();
    return;
  }
  await live.play();
  showing = true;
  live.hidden = guide.hidden = take.hidden = false;
  guide.removeAttribute("hidden");
  taken.hidden = true;
  take.textContent = take.dataset.take;
  take.classList.add("first");
  take.focus();
  look();
}

async function keep() {
  take.disabled = true;
  showing = false;
  const photo = await jpeg(picture(1280), 0.92);
  for (const track of live.srcObject.getTracks()) track.stop();
  const body = new FormData();
  body.append("photo", photo, "photo.jpg");
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (answer && answer.status === 401) location.replace("/unlock");
  else location.replace("/photo");
}

take.addEventListener("click", () => { if (showing) keep(); else start(); });
if (document.getElementById("camera").dataset.taken) {
  take.hidden = false;
  if (take.autofocus) take.focus();
} else start();
