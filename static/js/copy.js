/* Today's date as the day of reading, and a button beside each citation that copies it, with its
   italics where the target knows them. Without this script the words are there to be completed,
   marked and copied. */

const WORDS = JSON.parse(document.getElementById("words-copy").textContent);

const today = new Date();
const inEnglish = (options) => today.toLocaleDateString("en-US", options);
// By what holds the place of the day: topics/citing.py.
const DAYS = {
  "YYYY Mon DD": `${today.getFullYear()} ${inEnglish({ month: "short" })} ${today.getDate()}`,
  "Month DD, YYYY": inEnglish({ dateStyle: "long" }),
};

function writeDay(place) {
  place.replaceWith(DAYS[place.textContent]);
}

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

document.querySelectorAll("[data-read-on]").forEach(writeDay);
document.querySelector("[data-read-hint]")?.setAttribute("hidden", "");
// A page that was not sent encrypted may not write to the clipboard.
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(addButton);
