/* What a topic page can do beyond reading: citations and terms open in place, and the list of
   contents follows the scroll. Without this script each of them is a plain link. */

(() => {
  "use strict";

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
    const most = document.documentElement.clientWidth - width - 16;
    const left = Math.max(16, Math.min(from.left, most));
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
    // Not all the places that the page cites of it: the one at hand is what was asked for.
    const nodes = [...entry.childNodes].filter((node) => node.localName !== "small");
    words.append(...nodes.map((node) => node.cloneNode(true)));
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

  // The style of the references that was chosen last. The address says it; where it does not, the
  // list is taken from the page that has it.
  const STYLE = "citation-style";

  async function useStyle() {
    const menu = document.querySelector("[data-styles]");
    menu?.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-style]");
      if (chosen) localStorage.setItem(STYLE, chosen.dataset.style);
    });
    const last = localStorage.getItem(STYLE);
    const link = menu && last && menu.querySelector(`[data-style="${CSS.escape(last)}"]`);
    const asked = new URLSearchParams(location.search).has("style");
    if (!link || asked || link.hasAttribute("aria-current")) return;
    const answer = await fetch(link.href.split("#")[0]);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of [".references", "[data-styles]"]) {
      document.querySelector(part).replaceChildren(...page.querySelector(part).childNodes);
    }
  }

  document.querySelector("[data-print]")?.addEventListener("click", () => print());

  // A browser that cannot show what is folded shows it so.
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 66rem)").matches) {
    for (const fold of document.querySelectorAll(".unfolds")) fold.open = true;
  }

  // Contents: the part that is being read is marked.
  const contents = document.querySelector("[data-contents]");
  if (contents) {
    const links = new Map(
      [...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]),
    );
    // Their sections: to ask for the place of what is in one would have all of it laid out.
    const parts = [...links.keys()]
      .map((name) => [name, document.getElementById(name)?.closest("section")])
      .filter(([, part]) => part);
    let waiting = false;
    const follow = () => {
      waiting = false;
      const passed = parts.filter(([, part]) => part.getBoundingClientRect().top < 140);
      const now = passed.at(-1)?.[0];
      for (const [name, link] of links) {
        if (name === now) link.setAttribute("aria-current", "true");
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
  const WORD = /[\p{L}\p{N}]+/gu;
  const IN_WORD = /[\p{L}\p{N}-]/u;

  async function explainTerms() {
    const answer = await fetch(WORDS.names);
    if (!answer.ok) return;
    // By their first word, since most words of a page begin no name.
    const byWord = new Map();
    for (const [anchor, ...names] of await answer.json()) {
      for (const name of names.map(key)) {
        const first = name.match(WORD)?.[0];
        byWord.set(first, [...(byWord.get(first) || []), { name, anchor }]);
      }
    }
    const explained = new Set();
    for (const statement of document.querySelectorAll(".topic .statement")) {
      mark(statement, byWord, explained);
    }
  }

  /** An abbreviation is itself in capitals only: "OR" is no "or". */
  function key(name) {
    return name === name.toUpperCase() ? name : name.toLowerCase();
  }

  /** Return the longest name that stands in a text where a word of it begins. */
  function nameAt(text, place, word, byWord) {
    if (IN_WORD.test(text[place - 1] || "")) return null;
    let longest = null;
    for (const first of new Set([word, word.toLowerCase()])) {
      for (const { name, anchor } of byWord.get(first) || []) {
        const words = text.slice(place, place + name.length);
        const isIt = words === name || words.toLowerCase() === name;
        if (!isIt || IN_WORD.test(text[place + name.length] || "")) continue;
        if (!longest || name.length > longest.words.length) longest = { words, anchor };
      }
    }
    return longest;
  }

  /** Make links of the terms in a statement that the page has not explained yet. */
  function mark(statement, byWord, explained) {
    const { text, pieces } = written(statement);
    const found = [];
    let past = 0;
    for (const { 0: word, index } of text.matchAll(WORD)) {
      const term = index >= past && nameAt(text, index, word, byWord);
      if (!term) continue;
      past = index + term.words.length;
      if (explained.has(term.anchor)) continue;
      explained.add(term.anchor);
      found.push({ ...term, from: index, to: past });
    }
    // From the end, so that what stands before keeps its place.
    for (const term of found.reverse()) {
      const range = document.createRange();
      set(range, "Start", pieces.findLast(({ start }) => start <= term.from), term.from);
      set(range, "End", pieces.findLast(({ start }) => start < term.to), term.to);
      const link = termLink(term);
      link.append(range.extractContents());
      range.insertNode(link);
    }
  }

  /** Return what a statement says, and its nodes with the place where each begins in that. */
  function written(statement) {
    const pieces = [];
    let text = "";
    let last = null;
    const walker = document.createTreeWalker(statement, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const own = node.parentElement;
      const around = own.classList.contains("nb") ? own.parentElement : own;
      // No term goes on from one element into another, but for names that are held together.
      if (around !== last) text += "\n";
      last = around;
      if (around.closest("a, code, .marks, .cites, .term")) continue;
      pieces.push({ node, start: text.length });
      text += node.data;
    }
    return { text, pieces };
  }

  /** Set one end of a range, around a name that is held together if it is at the edge of that. */
  function set(range, end, { node, start }, place) {
    const edge = end === "Start" ? 0 : node.length;
    const name = node.parentElement;
    if (name.classList.contains("nb") && place - start === edge) {
      range[end === "Start" ? "setStartBefore" : "setEndAfter"](name);
    } else {
      range[`set${end}`](node, place - start);
    }
  }

  function termLink({ anchor }) {
    // A button would not break at the end of a line.
    const link = document.createElement("a");
    link.className = "term";
    link.href = `${WORDS.glossary}#${anchor}`;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      meaningOf(anchor).then((term) => explain(link, term)).catch(() => location.assign(link.href));
    });
    return link;
  }

  /** Return a term with its meaning. Meanings are fetched when somebody asks for the first one. */
  async function meaningOf(anchor) {
    const answer = await fetch(WORDS.terms);
    return (await answer.json()).find((term) => term.anchor === anchor);
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

  // What keeps pages is not needed to read this one. A file less before the first paint is an eighth
  // of a second on a slow phone.
  const whenIdle = globalThis.requestIdleCallback || ((task) => setTimeout(task, 300));
  const next = document.createElement("script");
  next.src = document.currentScript.dataset.next;
  addEventListener("load", () => whenIdle(() => document.head.append(next)), { once: true });
  whenIdle(() => explainTerms().catch(() => {}));
  whenIdle(() => useStyle().catch(() => {}));
})();
