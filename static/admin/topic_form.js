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
      if (!isSending && (sent(form) !== before || form.querySelector(FAULTS))) {
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
    window.addEventListener("load", () => setTimeout(() => warnBeforeLeaving(form)));
  });
}
