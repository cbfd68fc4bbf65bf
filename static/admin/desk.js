/* What the theme of the admin leaves out: its icons are letters that must not be read aloud, and
   some of what can be clicked there cannot be reached by keyboard. */

{
  const NAMES = {
    add: "Add",
    chevron_left: "Back",
    close: "Close the menu",
    contrast: "Light or dark",
    dark_mode: "Light or dark",
    dock_to_right: "Show or hide the menu",
    filter_list: "Filters",
    light_mode: "Light or dark",
    more_horiz: "More",
    search: "Search",
  };
  const ICON = ".material-symbols-outlined";
  const CLICKABLE = "span[x-on\\:click], div[x-on\\:click], a[x-on\\:click]:not([href])";
  const CONTROL = "a, button, [role=button]";

  /** Let what can be clicked be reached and pressed by keyboard. */
  function makeButton(found) {
    if (found.matches("button, input") || found.querySelector("a[href], button, input:not([type=checkbox])")) return;
    found.setAttribute("role", "button");
    found.tabIndex = 0;
  }

  /** What an icon says by its shape is said in words, if nothing else beside it says so. */
  function nameByIcon(icon) {
    const control = icon.closest(CONTROL);
    if (control !== icon) icon.setAttribute("aria-hidden", "true");
    if (!control || control.ariaLabel || control.title) return;
    const shape = icon.textContent.trim();
    const words = control.textContent.replace(shape, "").trim();
    if (!words && !control.querySelector("img")) control.ariaLabel = NAMES[shape] ?? shape.replaceAll("_", " ");
  }

  /** On a phone each cell has its heading; the theme takes the first one for a box to tick. */
  function nameFirstCells(root) {
    const heading = root.querySelector("#result_list thead th")?.cloneNode(true);
    heading?.querySelectorAll(ICON).forEach((icon) => icon.remove());
    for (const cell of root.querySelectorAll("#result_list td[data-label='Select record']")) {
      if (heading && !cell.querySelector("input")) cell.dataset.label = heading.textContent.trim();
    }
  }

  function mend(root) {
    nameFirstCells(root);
    root.querySelectorAll(CLICKABLE).forEach(makeButton);
    root.querySelectorAll(ICON).forEach(nameByIcon);
    nameFields(root);
    // After the scripts that wait for the same moment.
    setTimeout(() => nameChoosers(root));
  }

  /** In a table the names of its columns are far from the fields, and no labels. */
  function nameFields(root) {
    for (const cell of root.querySelectorAll("td[data-label]")) {
      for (const field of cell.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        if (!field.labels?.length) field.ariaLabel ??= cell.dataset.label;
      }
    }
    for (const head of root.querySelectorAll("thead th")) {
      if (!head.textContent.trim() && !head.children.length) {
        head.insertAdjacentHTML("beforeend", '<span class="sr-only">Remove</span>');
      }
    }
  }

  /** Fields that are chosen from by typing are made by a script, which forgets their labels. */
  function nameChoosers(root) {
    for (const select of root.querySelectorAll("select.select2-hidden-accessible")) {
      const name = select.labels?.[0]?.textContent.trim() || select.ariaLabel || "";
      const made = select.nextElementSibling;
      if (!name || !made?.matches(".select2")) continue;
      for (const part of made.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox], input")) part.ariaLabel = name;
    }
    for (const hint of root.querySelectorAll(".help-tooltip[aria-label]")) hint.setAttribute("role", "img");
  }

  /** Boxes that scroll are reached by keyboard, and told apart. */
  function nameScrollers() {
    document.querySelectorAll(".simplebar-content-wrapper").forEach((box, number) => {
      box.ariaLabel = box.closest("#nav-sidebar") ? "Menu" : `Table ${number}`;
    });
    for (const table of document.querySelectorAll(".desk-table")) {
      if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
    }
  }

  document.addEventListener("DOMContentLoaded", () => mend(document));
  // After a step that was refused.
  window.addEventListener("load", () => document.getElementById("desk-faults")?.focus());
  window.addEventListener("load", () => setTimeout(() => { nameScrollers(); nameChoosers(document); }));
  document.addEventListener("formset:added", (event) => mend(event.target));
  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches?.("[role=button]:not(button)")) return;
    event.preventDefault();
    event.target.click();
  });
}
