// While the scanner waits for the finger: say so, and let nobody press twice.
for (const form of document.querySelectorAll("form.capture")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    const words = button.dataset.busy;
    document.getElementById("busy").textContent = words;
    setTimeout(() => { button.textContent = words; button.disabled = true; }, 0);
  });
}
