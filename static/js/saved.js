/* The list of kept pages, on the page about them and on the one that stands in for a page that
   cannot be reached. Loaded by offline.js. */

const WORDS = {
  starred: "With a star",
  visited: "Visited last",
  removed: "Removed",
  noStars: "None yet. Open a topic and choose “Keep for offline reading”.",
  noVisits: "None yet.",
  confirmed: (age, edition) => `${edition ? `Edition ${edition}, as` : "As"} on the portal ${age}`,
  withdrawn: (age) => `withdrawn from the portal; its copy was removed ${age}.`,
  gone: (age) => `no longer on the portal; its copy was removed ${age}.`,
  remove: "Remove",
  removeAll: "Remove all",
  confirm: "Remove all kept pages, also those with a star, from this browser?",
  again: "Try again",
  check: "Compare all with the portal now",
  checking: "Comparing …",
  checked: "All are as on the portal now.",
  unreachable: "The portal cannot be reached.",
};

/** Show in `place` what the worker keeps. `ask` and `ago` are those of offline.js. */
export async function show(place, ask, ago) {
  if ("tools" in place.dataset) return showWithTools(place, ask, ago);
  const again = make("button", { type: "button", textContent: WORDS.again });
  again.addEventListener("click", () => location.reload());
  const lists = make("div", { className: "kept" }, drawn(await ask({ ask: "list" }), null, ago));
  place.replaceChildren(make("p", { className: "kept-tools" }, [again]), lists);
}

async function showWithTools(place, ask, ago) {
  const told = make("p", { className: "hint", role: "status" });
  const lists = make("div", { className: "kept" });
  const draw = (known) => lists.replaceChildren(...drawn(known, drop, ago));
  const drop = async (path) => {
    draw(await ask({ ask: "drop", path }));
    lists.querySelector("h2").focus();
  };
  draw(await ask({ ask: "list" }));
  place.replaceChildren(lists, buttons(ask, draw, told), told);
}

function drawn({ pages, removed }, drop, ago) {
  const starred = pages.filter((page) => page.starred);
  const visited = pages.filter((page) => !page.starred);
  const row = (page) => keptRow(page, drop, ago);
  const parts = [
    section("kept_starred", WORDS.starred, starred.map(row), WORDS.noStars),
    section("kept_visited", WORDS.visited, visited.map(row), WORDS.noVisits),
  ];
  if (removed.length) {
    const rows = removed.map((page) => removedRow(page, ago));
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

function keptRow({ path, title, edition, at }, drop, ago) {
  const link = make("a", { href: path, textContent: title });
  const meta = make("span", { className: "meta", textContent: WORDS.confirmed(ago(at), edition) });
  const words = make("span", {}, [link, meta]);
  if (!drop) return make("li", {}, [words]);
  const button = make("button", { type: "button", textContent: WORDS.remove });
  button.setAttribute("aria-label", `${WORDS.remove}: ${title}`);
  button.addEventListener("click", () => drop(path));
  return make("li", {}, [words, button]);
}

function removedRow({ path, title, withdrawn, at }, ago) {
  const link = make("a", { href: path, textContent: title });
  const words = withdrawn ? WORDS.withdrawn(ago(at)) : WORDS.gone(ago(at));
  return make("li", {}, [make("span", {}, [link, `: ${words}`])]);
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
