/* The form of a topic: its panels as tabs, a warning before typed words are left behind, and rows
   that keep what was typed when another one is taken away. Without this script all panels show. */

{
  // In fields, in tables, and of rows and forms as a whole.
  const FAULTS = ".errorlist > li, td.errors, .errornote";

  /** What would be sent now. Order counts; the token against forgery does not. */
  function sent(form) {
    const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    return JSON.stringify(pairs.map(([name, value]) => [name, value.name ?? value]));
  }

  function warnBeforeLeaving(form) {
    // Fields that scripts make ready, like those to choose topics, change nothing that is sent.
    const before = sent(form);
    let isSending = false;
    form.addEventListener("submit", () => { isSending = true; });
    window.addEventListener("beforeunload", (event) => {
      // What is shown with a fault was not saved.
      if (!isSending && (sent(form) !== before || form.querySelector(`${FAULTS}, [data-unsaved]`))) {
        event.preventDefault();
      }
    });
  }

  function faultsIn(panel) {
    return panel.querySelectorAll(FAULTS).length;
  }

  function tellFaults(tab, count) {
    if (!count) return;
    const told = document.createElement("span");
    told.className = "desk-faults";
    told.textContent = count === 1 ? "1 fault" : `${count} faults`;
    tab.append(" ", told);
  }

  function showPanels(form) {
    const tabs = [...document.querySelectorAll(".desk-tabs [data-panel]")];
    const panelOf = (tab) => document.getElementById(`panel-${tab.dataset.panel}`);
    if (tabs.length < 2 || !tabs.every(panelOf)) return;

    function show(chosen) {
      for (const tab of tabs) {
        panelOf(tab).hidden = tab !== chosen;
        if (tab === chosen) tab.setAttribute("aria-current", "page");
        else tab.removeAttribute("aria-current");
      }
    }
    const named = () => tabs.find((tab) => tab.hash === location.hash);

    for (const tab of tabs) {
      tellFaults(tab, faultsIn(panelOf(tab)));
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        history.replaceState(null, "", tab.hash);
        show(tab);
      });
    }
    window.addEventListener("hashchange", () => { if (named()) show(named()); });
    // The page after saving opens where one was: browsers keep the end of an address.
    form.addEventListener("submit", () => {
      form.action = location.pathname + location.search + location.hash;
    });
    show(tabs.find((tab) => faultsIn(panelOf(tab))) ?? named() ?? tabs[0]);
    // Browsers go to the panel that the address names, past the tabs.
    if (named()) window.addEventListener("load", () => setTimeout(() => window.scrollTo(0, 0)));
  }

  /** Open whatever hides a field: a panel, what is folded away. */
  function reveal(field) {
    const panel = field.closest(".desk-panel[hidden]");
    if (panel) document.querySelector(`.desk-tabs [data-panel="${panel.id.replace("panel-", "")}"]`)?.click();
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }

  const FIELDS = "input:not([type='hidden']):not(.row-position), select, textarea";

  function focusOn(place) {
    const field = place.matches("input, select, textarea") ? place : place.querySelector(FIELDS) ?? place;
    reveal(field);
    const shown = field.matches(".select2-hidden-accessible") ? field.parentElement.querySelector(".select2-selection") : field;
    if (!shown.matches("input, select, textarea, .select2-selection")) shown.tabIndex = -1;
    shown.focus();
    shown.scrollIntoView({ block: "center" });
  }

  /** From the faults at the head of the form to their fields; the first one is gone to at once. */
  function leadToFaults() {
    const links = [...document.querySelectorAll(".desk-fault-list a")];
    const placeOf = (link) => document.getElementById(link.hash.slice(1));
    for (const link of links) {
      link.addEventListener("click", (event) => {
        if (!placeOf(link)) return;
        event.preventDefault();
        focusOn(placeOf(link));
      });
    }
    const first = links.find(placeOf);
    const conflict = document.getElementById("desk-conflict-title");
    // The checks of a review lead to the field of a row, which may be folded away.
    const named = document.getElementById(location.hash.slice(1));
    if (first) focusOn(placeOf(first));
    else if (conflict) conflict.focus();
    else if (named?.form?.closest("#content-main")) focusOn(named);
  }

  /** The heading of a table says how many rows it has, those that are typed now among them. */
  function countRows(formset) {
    const heading = document.getElementById(`${formset.id.replace(/-data$/, "")}-heading`);
    const count = formset.querySelectorAll(":scope > .form-group:not(.empty-form)").length;
    const words = [...heading?.childNodes ?? []].find((node) => /\(\d+\)/.test(node.textContent));
    if (words) words.textContent = words.textContent.replace(/\(\d+\)/, `(${count})`);
  }

  let isAdding = false;
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".add-row")) return;
    isAdding = true;
    setTimeout(() => { isAdding = false; });
  }, true);

  document.addEventListener("formset:added", (event) => {
    const row = event.target.closest?.(".form-group");
    const formset = row?.closest(".formset");
    if (!formset || !isAdding) return;
    countRows(formset);
    // After the scripts that dress the fields of the new row.
    setTimeout(() => focusOn(row));
  });

  /** Write what was typed into the markup: the theme moves rows by copying their markup. */
  function writeDown(row) {
    for (const field of row.querySelectorAll("input, textarea")) {
      if (["checkbox", "radio"].includes(field.type)) field.toggleAttribute("checked", field.checked);
      else if (field.type !== "file") field.defaultValue = field.value;
    }
    for (const option of row.querySelectorAll("option")) {
      option.toggleAttribute("selected", option.selected);
    }
    for (const select of row.querySelectorAll("select.select2-hidden-accessible")) {
      django.jQuery(select).select2("destroy");
    }
  }

  document.addEventListener("click", (event) => {
    const taken = event.target.closest?.(".delete-template")?.closest(".form-group");
    const formset = taken?.closest(".formset");
    if (!formset) return;
    const rows = [...formset.querySelectorAll(":scope > .form-group:not(.empty-form)")];
    const moved = rows.slice(rows.indexOf(taken) + 1);
    moved.forEach(writeDown);
    const { prefix } = JSON.parse(formset.dataset.inlineFormset).options;
    setTimeout(() => {
      countRows(formset);
      for (const row of moved) {
        const detail = { formsetName: prefix };
        row.querySelector(".form-row").dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail }));
      }
    });
  }, true);

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("#content-main > form");
    if (!form) return;
    showPanels(form);
    // After the scripts that fill in fields as the page opens.
    window.addEventListener("load", () => setTimeout(() => { warnBeforeLeaving(form); leadToFaults(); }));
  });
}
