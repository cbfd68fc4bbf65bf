/* What a topic page can do beyond reading: citations and terms open in place, and the list of
   contents follows the scroll. Without this script each of them is a plain link. */

const WORDS = JSON.parse(document.getElementById("words-topic").textContent);

const box = document.createElement("div");
box.className = "in-place";
box.popover = "auto";
box.tabIndex = -1;
box.setAttribute("role", "dialog");
document.body.append(box);

let opener = null;

/** Show what `content` holds beside the element that asked for it. */
function open(element, label, content) {
  opener = element;
  box.setAttribute("aria-label", label);
  box.replaceChildren(...content);
  box.showPopover();
  const from = element.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const left = Math.max(16, Math.min(from.left, document.documentElement.clientWidth - width - 16));
  const above = from.bottom + height + 12 > innerHeight && from.top > height + 12;
  box.style.left = `${left + scrollX}px`;
  box.style.top = `${(above ? from.top - height - 6 : from.bottom + 6) + scrollY}px`;
  box.focus({ preventScroll: true });
}

box.addEventListener("toggle", (event) => {
  if (event.newState === "closed" && opener && box.contains(document.activeElement)) {
    opener.focus({ preventScroll: true });
  }
});

/** Return the language of the words around an element: those of the content have their own. */
function languageOf(element) {
  return element.closest("[lang]").lang;
}

function closeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = WORDS.close;
  button.addEventListener("click", () => {
    box.hidePopover();
    opener?.focus({ preventScroll: true });
  });
  return button;
}

// Citations: the publication as it stands in the list of references.
document.addEventListener("click", (event) => {
  const link = event.target.closest('.cites a[href^="#ref_"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const entry = document.getElementById(link.hash.slice(1));
  if (!entry) return;
  event.preventDefault();
  const words = document.createElement("p");
  words.append(...[...entry.childNodes].map((node) => node.cloneNode(true)));
  const label = WORDS.reference.replace("{number}", link.textContent);
  if (link.title) {
    const place = document.createElement("p");
    place.className = "meta";
    place.textContent = link.title;
    open(link, label, [place, words, closeButton()]);
  } else {
    open(link, label, [words, closeButton()]);
  }
});

// Contents: the part that is being read is marked.
const contents = document.querySelector("[data-contents]");
if (contents) {
  const links = new Map(
    [...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]),
  );
  const headings = [...links.keys()].map((name) => document.getElementById(name)).filter(Boolean);
  let waiting = false;
  const follow = () => {
    waiting = false;
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 140);
    const now = passed.at(-1);
    for (const [name, link] of links) {
      if (now && name === now.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(follow);
    waiting = true;
  }, { passive: true });
  follow();
}

// Terms: the first mention on a page can be asked for its meaning.
async function explainTerms() {
  const answer = await fetch(WORDS.terms);
  if (!answer.ok) return;
  const terms = await answer.json();
  const byName = new Map();
  for (const term of terms) {
    for (const name of [term.term, ...(term.names || [])]) byName.set(key(name), { name, term });
  }
  const names = [...byName.values()].map(({ name }) => name).sort((a, b) => b.length - a.length);
  if (!names.length) return;
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}-])(${escaped.join("|")})(?![\\p{L}\\p{N}-])`, "iu");
  const explained = new Set();
  for (const statement of document.querySelectorAll(".topic .statement")) {
    mark(statement, pattern, byName, explained);
  }
}

/** An abbreviation is itself in capitals only: "OR" is no "or". */
function key(name) {
  return name === name.toUpperCase() ? name : name.toLowerCase();
}

/** Make links of the terms in a statement that the page has not explained yet. */
function mark(statement, pattern, byName, explained) {
  const walker = document.createTreeWalker(statement, NodeFilter.SHOW_TEXT, {
    acceptNode: (node) =>
      node.parentElement.closest("a, code, .marks, .cites, .term")
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
  });
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (let node of nodes) {
    let found;
    let from = 0;
    while ((found = pattern.exec(node.data.slice(from)))) {
      const { term } = byName.get(found[0]) || byName.get(found[0].toLowerCase()) || {};
      if (!term || explained.has(term.term)) {
        from += found.index + found[0].length;
        continue;
      }
      explained.add(term.term);
      const rest = node.splitText(from + found.index);
      node = rest.splitText(found[0].length);
      from = 0;
      // A button would not break at the end of a line.
      const link = document.createElement("a");
      link.className = "term";
      link.href = `${WORDS.glossary}#${term.anchor}`;
      link.textContent = found[0];
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        explain(link, term);
      });
      rest.replaceWith(link);
    }
  }
}

function explain(element, term) {
  const name = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = term.term;
  name.append(strong);
  name.lang = languageOf(element);
  const meaning = document.createElement("p");
  meaning.lang = name.lang;
  meaning.textContent = term.definition;
  const parts = [name, meaning];
  const address = term.url && WORDS.home + term.url.slice(1);
  if (address && address !== location.pathname) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = term.title;
    const line = document.createElement("p");
    line.lang = name.lang;
    line.append(link);
    parts.push(line);
  }
  open(element, term.term, [...parts, closeButton()]);
}

const whenIdle = globalThis.requestIdleCallback || ((task) => setTimeout(task, 300));
whenIdle(() => explainTerms().catch(() => {}));
