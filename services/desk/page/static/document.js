// A scanner types the zone: as soon as it is whole, its fields are filled in. What the officer typed is not replaced.
const form = document.getElementById("document");
const zone = document.getElementById("document.mrz");
const told = document.getElementById("zone-told");
const WHOLE = new Set([72, 88, 90]);
const ours = new Map();
let waiting = 0;
let asked = "";

async function read() {
  const text = zone.value;
  if (text === asked) return;
  asked = text;
  const body = new URLSearchParams({ "document.mrz": text });
  const answer = await fetch("/document/zone", { method: "POST", body }).catch(() => null);
  if (!answer || !answer.ok || zone.value !== text) return;
  const { fields, said, good } = await answer.json();
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements.namedItem(name);
    if (field.value === "" || field.value === ours.get(name)) {
      field.value = value;
      ours.set(name, value);
    }
  }
  told.textContent = said;
  if (good && document.activeElement === zone) document.getElementById("next").focus();
}

function look() {
  clearTimeout(waiting);
  if (WHOLE.has(zone.value.replace(/\s/g, "").length)) waiting = setTimeout(read, 250); // after the scanner's last Enter
}

zone.addEventListener("input", look);
look(); // the scanner may have been faster than this script
zone.addEventListener("keydown", (event) => {
  // A scanner ends a line with Enter, and some end the zone with Tab: neither may send the form.
  if (event.key === "Tab" && WHOLE.has(zone.value.replace(/\s/g, "").length)) read();
});
const button = document.getElementById("read");
button.type = "button"; // so that Enter in a field goes on
button.addEventListener("click", read);
