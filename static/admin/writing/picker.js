/* Picking a publication or a topic by its name: a combobox in a dialog (WAI-ARIA APG, list
   autocomplete with manual selection). The focus stays in the field; arrows move through the list. */

{
  const WAIT = 200;
  const KINDS = {
    cite: {
      title: "Cite a publication", ask: "Author, title, year or DOI", more: "Place in it, if needed",
      example: "p. 690", source: "publications", none: "No publication is found. Add it to the library first, then look again:",
      ways: [["Add by identifier", "/admin/references/reference/by-identifier/"], ["Add reference", "/admin/references/reference/add/"]],
    },
    link: {
      title: "Link to a topic", ask: "Name of the topic", more: "Words of the link", example: "",
      source: "topics", none: "No topic is found.",
    },
  };
  let dialog, state;

  function build() {
    dialog = document.createElement("dialog");
    dialog.className = "desk-dialog md-picker";
    dialog.setAttribute("aria-labelledby", "md-picker-title");
    dialog.innerHTML = `
      <form method="dialog">
      <h2 id="md-picker-title"></h2>
      <label for="md-picker-ask"></label>
      <input id="md-picker-ask" type="text" role="combobox" aria-autocomplete="list" aria-expanded="false"
        aria-controls="md-picker-list" autocomplete="off" spellcheck="false">
      <ul id="md-picker-list" role="listbox"></ul>
      <p class="md-picker-said" role="status"></p>
      <label for="md-picker-more"></label>
      <input id="md-picker-more" type="text" autocomplete="off">
      <div class="submit-row"><button type="submit" class="button">Insert</button>
      <button type="button" class="button quiet">Cancel</button></div>
      </form>`;
    document.body.append(dialog);
    const ask = part("ask");
    ask.addEventListener("input", () => {
      state.chosen = null;
      // What was found for other words must not be taken by a quick Enter.
      show([], "");
      soon();
    });
    ask.addEventListener("keydown", walk);
    part("list").addEventListener("mousedown", (event) => event.preventDefault());
    part("list").addEventListener("click", (event) => {
      const option = event.target.closest("[role='option']");
      if (option) choose([...part("list").children].indexOf(option));
    });
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      insert();
    });
    dialog.querySelector(".quiet").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", back);
  }

  const part = (name) => document.getElementById(`md-picker-${name}`);

  /** `typed` is how many characters before the cursor asked for the dialog; they are replaced. */
  function open(kind, editor, write, typed = 0) {
    if (!dialog) build();
    const text = editor.querySelector("textarea");
    const range = [text.selectionStart, text.selectionEnd];
    const asked = text.value.slice(range[1] - typed, range[1]);
    state = { kind, editor, write, typed, asked, range, text, found: [], chosen: null, active: -1, isDone: false };
    const said = KINDS[kind];
    part("title").textContent = said.title;
    dialog.querySelector("label[for='md-picker-ask']").textContent = said.ask;
    dialog.querySelector("label[for='md-picker-more']").textContent = said.more;
    const selected = text.value.slice(...range).trim();
    part("ask").value = kind === "link" ? selected : "";
    part("more").value = kind === "link" ? selected : "";
    part("more").placeholder = said.example;
    part("list").setAttribute("aria-label", said.title);
    show([], "");
    dialog.showModal();
    part("ask").focus();
    part("ask").select();
    find();
  }

  let timer;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(find, WAIT);
  }

  async function find() {
    const asked = part("ask").value;
    const told = document.getElementById("desk-writing");
    const said = KINDS[state.kind];
    if (!asked.trim()) { show([], ""); return; }
    try {
      const response = await fetch(`${told.dataset[said.source]}?${new URLSearchParams({ q: asked })}`, { redirect: "error" });
      const answer = await response.json();
      if (part("ask").value !== asked) return;
      const more = answer.of > answer.found.length ? `The first ${answer.found.length} of ${answer.of}.` : "";
      show(answer.found, answer.found.length ? more || `${answer.found.length} found.` : said.none);
      if (!answer.found.length) offerWays(said.ways ?? []);
    } catch {
      show([], "The portal cannot be reached.");
    }
  }

  /** What leads on if nothing is found, in new windows: what is typed stays. */
  function offerWays(ways) {
    for (const [words, address] of ways) {
      const link = document.createElement("a");
      Object.assign(link, { href: address, target: "_blank", rel: "noopener", textContent: words });
      dialog.querySelector(".md-picker-said").append(" ", link);
    }
  }

  function show(found, words) {
    state.found = found;
    const options = found.map((one, n) => {
      const option = document.createElement("li");
      option.id = `md-option-${n}`;
      option.setAttribute("role", "option");
      const name = document.createElement("strong");
      name.textContent = one.name;
      const notice = document.createElement("em");
      notice.textContent = one.notice ? ` ${one.notice}` : "";
      const more = document.createElement("small");
      more.textContent = one.more;
      option.append(name, notice, ` ${one.words} `, more);
      return option;
    });
    part("list").replaceChildren(...options);
    part("ask").setAttribute("aria-expanded", String(found.length > 0));
    dialog.querySelector(".md-picker-said").textContent = words;
    point(found.length ? 0 : -1);
  }

  function point(n) {
    state.active = n;
    [...part("list").children].forEach((option, m) => {
      option.setAttribute("aria-selected", String(m === n));
      if (m === n) option.scrollIntoView({ block: "nearest" });
    });
    if (n < 0) part("ask").removeAttribute("aria-activedescendant");
    else part("ask").setAttribute("aria-activedescendant", `md-option-${n}`);
  }

  function walk(event) {
    const count = state.found.length;
    const to = { ArrowDown: state.active + 1, ArrowUp: state.active - 1 }[event.key];
    if (to !== undefined && count) {
      event.preventDefault();
      point((to + count) % count);
    }
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (state.active >= 0) choose(state.active);
    }
  }

  function choose(n) {
    state.chosen = state.found[n];
    part("ask").value = state.chosen.name;
    if (state.kind === "link" && !part("more").value) part("more").value = state.chosen.name;
    const { value, name } = state.chosen;
    show([], `Chosen: ${name} (${value}). Enter inserts it.`);
    part("more").focus();
    part("more").select();
  }

  async function insert() {
    const { chosen, text, editor, kind, typed, write } = state;
    if (!chosen) {
      part("ask").focus();
      dialog.querySelector(".md-picker-said").textContent = "Choose one of the list first.";
      return;
    }
    let [start, end] = state.range;
    const more = part("more").value;
    state.isDone = true;
    dialog.close();
    if (typed && text.value.slice(end - typed, end) === state.asked) {
      text.setSelectionRange(end - typed, end);
      document.execCommand("delete");
      start = end = end - typed;
    }
    await write(editor, kind, chosen.value, more, [start, end]);
  }

  function back() {
    state.text.focus();
    state.text.setSelectionRange(...state.range);
    // Who asked by typing may have gone on typing, and meant it for the text.
    if (state.typed && !state.isDone) document.execCommand("insertText", false, part("ask").value);
  }

  window.hscPicker = { open };
}
