/* The order of rows: by drag (the theme), by buttons, and by Alt with an arrow key. Places are
   written into the rows' own fields; which numbers there are stays the same, since a page of a long
   table holds only some of its rows. */

{
  const rowsOf = (formset) => [...formset.querySelectorAll(":scope > .form-group:not(.empty-form)")];
  const placeOf = (row) => row.querySelector("input[name$='-position']");
  const indexOf = (row) => Number(placeOf(row)?.name.match(/-(\d+)-position$/)?.[1] ?? 0);
  /** The places of each table's rows as they were before anything was moved. */
  const places = new WeakMap();

  function remember(formset) {
    places.set(formset, rowsOf(formset).map((row) => placeOf(row)?.value).filter(Boolean).map(Number));
  }

  function write(formset) {
    const rows = rowsOf(formset);
    const known = [...new Set(places.get(formset) ?? [])].sort((a, b) => a - b);
    const isClear = known.length === (places.get(formset) ?? []).length;
    let numbers = isClear ? known : [known[0] ?? 1];
    while (numbers.length < rows.length) numbers.push((numbers.at(-1) ?? 0) + 1);
    rows.forEach((row, n) => { if (placeOf(row)) placeOf(row).value = numbers[n]; });
    formset.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function arrange(formset, key) {
    const rows = rowsOf(formset);
    const sorted = [...rows].sort((a, b) => key(a) - key(b));
    if (sorted.every((row, n) => row === rows[n])) return;
    const end = rows.at(-1)?.nextSibling;
    for (const row of sorted) formset.insertBefore(row, end);
  }

  function nameOf(row) {
    const field = row.querySelector("[name$='-heading'], [name$='-title'], [name$='-name'], [name$='-label']");
    return field?.value || row.querySelector(".group\\/title strong, .group\\/title span")?.textContent.trim() || "Row";
  }

  function move(row, step) {
    const formset = row.closest(".formset");
    const rows = rowsOf(formset);
    const to = rows.indexOf(row) + step;
    if (to < 0 || to >= rows.length) {
      say(`${nameOf(row)} is the ${step < 0 ? "first" : "last"} of ${rows.length} already.`);
      return;
    }
    const focused = document.activeElement;
    if (!places.has(formset)) remember(formset);
    if (step < 0) rows[to].before(row); else rows[to].after(row);
    write(formset);
    // What is moved in a page loses the focus.
    focused?.focus();
    row.scrollIntoView({ block: "nearest" });
    say(`${nameOf(row)}: now ${to + 1} of ${rows.length}.`);
  }

  let told;
  function say(words) {
    told.textContent = "";
    setTimeout(() => { told.textContent = words; }, 50);
  }

  function button(step, words, sign) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "row-move";
    made.dataset.step = step;
    made.title = `${words} (Alt and arrow key)`;
    made.setAttribute("aria-label", words);
    made.textContent = sign;
    return made;
  }

  function offer(row) {
    const place = placeOf(row);
    if (!place || row.querySelector(".row-moves")) return;
    const moves = document.createElement("span");
    moves.className = "row-moves";
    moves.append(button(-1, "Move up", "↑"), button(1, "Move down", "↓"));
    const title = row.querySelector(":scope > .form-row > h3.group\\/title > span:last-of-type");
    if (title) title.after(moves);
    else place.after(moves);
  }

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".row-move");
    if (pressed) move(pressed.closest(".form-group"), Number(pressed.dataset.step));
  });

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const row = event.target.closest?.(".formset > .form-group");
    if (!step || !row || !placeOf(row)) return;
    event.preventDefault();
    move(row, step);
  });

  document.addEventListener("input", (event) => {
    const formset = event.target.closest?.(".formset");
    if (formset && event.target.name?.endsWith("-position")) remember(formset);
  });

  // The theme counts rows from the top when it takes one away, and means the order of their names.
  window.addEventListener("click", (event) => {
    const formset = event.target.closest?.(".delete-template")?.closest(".formset");
    if (!formset || !rowsOf(formset).some(placeOf)) return;
    const order = rowsOf(formset).filter((row) => !row.contains(event.target));
    arrange(formset, indexOf);
    setTimeout(() => {
      arrange(formset, (row) => order.indexOf(row));
      places.delete(formset);
      remember(formset);
    });
  }, true);

  document.addEventListener("formset:added", (event) => {
    const row = event.target.closest?.(".form-group");
    if (!row) return;
    row.querySelectorAll(".row-moves").forEach((old) => old.remove());
    offer(row);
  });

  // The theme numbers the rows from 0 when a drag ends, before and after this is heard.
  function writeWhenDragged(form) {
    form.addEventListener("end", (event) => {
      const { from } = event;
      if (places.has(from)) setTimeout(() => write(from));
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("#content-main > form");
    if (!form) return;
    told = document.createElement("div");
    told.className = "sr-only";
    told.setAttribute("role", "status");
    form.append(told);
    for (const formset of form.querySelectorAll(".formset")) {
      if (!rowsOf(formset).concat([...formset.querySelectorAll(".empty-form")]).some(placeOf)) continue;
      remember(formset);
      // A form with faults comes back in the order of its names.
      if (rowsOf(formset).every((row) => placeOf(row)?.value)) arrange(formset, (row) => Number(placeOf(row).value));
      rowsOf(formset).forEach(offer);
    }
    writeWhenDragged(form);
  });
}
