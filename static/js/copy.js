/* A button beside each citation that copies it, with its italics where the target knows them.
   Without this script the words are there to be marked and copied. */

const WORDS = JSON.parse(document.getElementById("words-copy").textContent);

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
  // The citation may be in another language than the button beside it.
  words.lang = place.closest("[lang]").lang;
  place.lang = document.documentElement.lang;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = WORDS.copy;
  button.setAttribute("aria-label", WORDS.copyStyle.replace("{style}", place.dataset.copy));
  const told = document.createElement("span");
  told.className = "hint";
  told.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await copy(words);
      told.textContent = WORDS.copied;
    } catch {
      told.textContent = WORDS.failed;
    }
  });
  place.append(words, button, told);
}

// A page that was not sent encrypted may not write to the clipboard.
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(addButton);
