/* The list of kept pages, on the page about them and on the one that stands in for a page that
   cannot be reached. Loaded by offline.js. */

const WORDS = JSON.parse(document.getElementById("words-saved").textContent);
const HERE = document.documentElement.lang;

/** Show in `place` what the worker keeps. `ask` and those in `say` are functions of offline.js. */
export async function show(place, ask, say) {
  if ("tools" in place.dataset) return showWithTools(place, ask, say);
  const again = make("button", { type: "button", textContent: WORDS.again });
  again.addEventListener("click", () => location.reload());
  const lists = make("div", { className: "kept" }, drawn(await ask({ ask: "list" }), null, say));
  place.replaceChildren(make("p", { className: "kept-tools" }, [again]), lists);
}

async function showWithTools(place, ask, say) {
  const told = make("p", { className: "hint", role: "status" });
  const lists = make("div", { className: "kept" });
  const draw = (known) => lists.replaceChildren(...drawn(known, drop, say));
  const drop = async (path) => {
    draw(await ask({ ask: "drop", path }));
    lists.querySelector("h2").focus();
  };
  draw(await ask({ ask: "list" }));
  place.replaceChildren(lists, buttons(ask, draw, told), told);
}

function drawn({ pages, removed }, drop, say) {
  const starred = pages.filter((page) => page.starred);
  const visited = pages.filter((page) => !page.starred);
  const row = (page) => keptRow(page, drop, say);
  const parts = [
    section("kept_starred", WORDS.starred, starred.map(row), WORDS.noStars),
    section("kept_visited", WORDS.visited, visited.map(row), WORDS.noVisits),
  ];
  if (removed.length) {
    const rows = removed.map((page) => removedRow(page, say));
    parts.push(section("kept_removed", WORDS.removed, rows, ""));
  }
  return parts;
}

function section(id, title, rows, empty) {
  const heading = make("h2", { id, textContent: title, tabIndex: -1 });
  const part = make("section", {}, [heading]);
  part.setAttribute("aria-labelledby", id);
  part.append(
    rows.length
      ? make("ul", { className: "kept-list" }, rows)
      : make("p", { className: "hint", textContent: empty }),
  );
  return part;
}

function keptRow(page, drop, { ago, filled }) {
  const { path, title, edition, at } = page;
  const words = edition ? WORDS.confirmedEdition : WORDS.confirmed;
  const told = filled(words, { age: ago(at), edition });
  const textContent = page.language === HERE ? told : `${told} · ${nameOf(page.language)}`;
  const meta = make("span", { className: "meta", textContent });
  const all = make("span", {}, [linkTo(page), meta]);
  if (!drop) return make("li", {}, [all]);
  const button = make("button", { type: "button", textContent: WORDS.remove });
  button.setAttribute("aria-label", filled(WORDS.removeOne, { title }));
  button.addEventListener("click", () => drop(path));
  return make("li", {}, [all, button]);
}

function removedRow(page, { ago, filled }) {
  const words = page.withdrawn ? WORDS.withdrawn : WORDS.gone;
  const [before, after] = words.split("{title}").map((part) => filled(part, { age: ago(page.at) }));
  return make("li", {}, [make("span", {}, [before, linkTo(page), after])]);
}

/** Return a link to a page. Its title may be in another language than the page itself. */
function linkTo({ path, title, titleLanguage }) {
  const link = make("a", { href: path, textContent: title });
  if (titleLanguage && titleLanguage !== HERE) link.lang = titleLanguage;
  return link;
}

/** Return what a language is called in that of this page. */
function nameOf(code) {
  return new Intl.DisplayNames([HERE], { type: "language" }).of(code);
}

function buttons(ask, draw, told) {
  const check = make("button", { type: "button", textContent: WORDS.check });
  check.addEventListener("click", async () => {
    told.textContent = WORDS.checking;
    const known = await ask({ ask: "check", all: true });
    told.textContent = known.error ? WORDS.unreachable : WORDS.checked;
    draw(known.error ? await ask({ ask: "list" }) : known);
  });
  const all = make("button", { type: "button", textContent: WORDS.removeAll });
  all.addEventListener("click", async () => {
    if (confirm(WORDS.confirm)) draw(await ask({ ask: "dropAll" }));
  });
  return make("p", { className: "kept-tools" }, [check, all]);
}

/** Return a new element with properties and children. */
function make(name, properties, children = []) {
  const { role, ...rest } = properties;
  const element = Object.assign(document.createElement(name), rest);
  if (role) element.setAttribute("role", role);
  element.append(...children);
  return element;
}
