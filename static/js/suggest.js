/* Suggestions while something is typed into the field of a search: an editable combobox with a list,
   as the ARIA Authoring Practices describe it. Without this script the field is a plain one. */

const WORDS = JSON.parse(document.getElementById("words-suggest").textContent);
const PATIENCE = 80;
const SHORTEST = 2;

const known = new Map();
let styled = null;

const status = document.createElement("div");
status.className = "hidden";
describe(status, { role: "status" });
document.body.append(status);

for (const field of document.querySelectorAll("[data-suggest]")) equip(field);

function describe(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

/** Fetch the style of the list when a field is first used: most visits to a page search nothing. */
function style() {
  styled ??= new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = WORDS.style;
    link.onload = link.onerror = done;
    document.head.append(link);
  });
  return styled;
}

async function fetched(typed, signal) {
  if (!known.has(typed)) {
    const answer = await fetch(`${WORDS.address}?q=${encodeURIComponent(typed)}`, { signal });
    if (!answer.ok) throw new Error(answer.status);
    known.set(typed, await answer.json());
  }
  await style();
  return known.get(typed);
}

function equip(field) {
  const list = document.createElement("ul");
  let offers = [];
  let active = -1;
  let timer = 0;
  let asking = new AbortController();

  list.id = `${field.id}_offers`;
  list.className = "offers";
  list.hidden = true;
  describe(list, { role: "listbox", "aria-label": WORDS.label });
  field.parentElement.classList.add("offers-place");
  field.parentElement.append(list);
  describe(field, {
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": false,
  });

  const stop = () => {
    clearTimeout(timer);
    asking.abort();
  };

  function close() {
    stop();
    mark(-1);
    list.hidden = true;
    describe(field, { "aria-expanded": false });
    status.textContent = "";
  }

  /** Mark one option as the one that Enter chooses, -1 for none. */
  function mark(number) {
    active = number;
    [...list.children].forEach((item, n) => describe(item, { "aria-selected": n === number }));
    const option = list.children[number];
    if (option) {
      describe(field, { "aria-activedescendant": option.id });
      option.scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }

  async function ask() {
    stop();
    const typed = field.value.trim();
    if (typed.length < SHORTEST) return close();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const found = await fetched(typed, signal);
      if (!signal.aborted && document.activeElement === field) show(found);
    } catch {
      if (!signal.aborted) close();
    }
  }

  function show(found) {
    offers = found;
    list.replaceChildren(...offers.map(option));
    mark(-1);
    list.scrollTop = 0;
    list.hidden = !offers.length;
    describe(field, { "aria-expanded": !list.hidden });
    const { length } = offers;
    status.textContent = (WORDS[length] || WORDS.many).replace("{count}", length);
  }

  function option({ kind, label, hint }, number) {
    const item = document.createElement("li");
    item.id = `${list.id}_${number}`;
    describe(item, { role: "option", "data-kind": kind });
    const add = (name, text, lang) => {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      if (lang) part.lang = lang;
      item.append(part, " ");
    };
    add("offer", label, WORDS.language);
    if (hint) add("offer-hint", hint, WORDS.language);
    add("offer-kind", WORDS[kind]);
    return item;
  }

  function go(number, { ctrlKey, metaKey }) {
    const address = WORDS.home + offers[number].url.slice(1);
    if (ctrlKey || metaKey) {
      open(address);
    } else {
      close();
      field.blur();
      location.assign(address);
    }
  }

  /** Go to the next option or the one before, from the last one to the first. */
  function step(by) {
    const from = active < 0 && by < 0 ? 0 : active;
    mark((from + by + offers.length) % offers.length);
  }

  async function arrow(event, by) {
    event.preventDefault();
    if (list.hidden) {
      await ask();
      if (!list.hidden && !event.altKey) step(by);
    } else if (event.altKey) {
      if (by < 0) close();
    } else {
      step(by);
    }
  }

  field.addEventListener("keydown", (event) => {
    const { key, isComposing } = event;
    if (isComposing) return;
    if (key === "ArrowDown") arrow(event, 1);
    else if (key === "ArrowUp") arrow(event, -1);
    else if (list.hidden) return;
    else if (key === "Enter" && active >= 0) {
      event.preventDefault();
      go(active, event);
    } else if (key === "Escape" || key === "Enter") {
      if (key === "Escape") event.preventDefault();
      close();
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(key)) mark(-1);
  });
  field.addEventListener("input", () => {
    stop();
    timer = setTimeout(ask, PATIENCE);
  });
  field.addEventListener("focus", style);
  field.addEventListener("blur", close);
  // The field keeps the focus, and the list stays, while something in it is pressed.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) go([...list.children].indexOf(chosen), event);
  });
  field.form.addEventListener("submit", close);
  // Somebody may have begun before this script was there.
  if (document.activeElement === field) {
    style();
    if (field.value !== field.defaultValue) timer = setTimeout(ask, PATIENCE);
  }
}
