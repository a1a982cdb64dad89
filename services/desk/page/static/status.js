// Looks every few seconds whether the gateway is there, and on a receipt whether it has the packet.
const reference = document.getElementById("watching")?.dataset.reference;
const line = document.getElementById("line");
const received = document.getElementById("received");

async function look() {
  const answer = await fetch("/status" + (reference ? `?reference=${encodeURIComponent(reference)}` : "")).catch(() => null);
  if (!answer || !answer.ok) return;
  const told = await answer.json();
  line.textContent = told.online ? "Connected" : told.online === null ? "Not connected yet" : "Not sending";
  line.className = `tag ${told.online ? "good" : "warn"}`;
  document.getElementById("waiting").textContent = `${told.waiting} waiting`;
  if (told.received && received) {
    received.textContent = "The gateway has it.";
    received.classList.add("good");
  }
}

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
look();
setInterval(look, 3000);
