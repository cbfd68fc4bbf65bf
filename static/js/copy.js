/* A button beside each citation that copies it, with its italics where the target knows them.
   Without this script the words are there to be marked and copied. */

const COPY = "Copy";
const COPIED = "Copied";
const FAILED = "Could not copy; mark the words instead";

async function copy(words) {
  const text = words.textContent.trim();
  if (globalThis.ClipboardItem) {
    const parts = { "text/plain": text, "text/html": words.innerHTML };
    const blobs = Object.entries(parts).map(([type, part]) => [type, new Blob([part], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
  } else {
    await navigator.clipboard.writeText(text);
  }
}

function addButton(place) {
  const words = document.createElement("span");
  words.append(...place.childNodes);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = COPY;
  button.setAttribute("aria-label", `${COPY}: ${place.dataset.copy}`);
  const told = document.createElement("span");
  told.className = "hint";
  told.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await copy(words);
      told.textContent = COPIED;
    } catch {
      told.textContent = FAILED;
    }
  });
  place.append(words, button, told);
}

// A page that was not sent encrypted may not write to the clipboard.
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(addButton);
