/* The Markdown of a section: a toolbar over the text, and beside it what readers would see. Without
   this script there is the text alone. What is written is worked out by the server, which reads the
   Markdown as the portal does; here it is only put into the text, so that it can be undone. */

{
  const WAIT = 400;
  const GRADES = [["ungraded", "Not graded"], ["very-low", "Very low"], ["low", "Low"], ["moderate", "Moderate"], ["high", "High"]];
  const BUTTONS = [
    { act: "bold", label: "Bold", sign: "format_bold", keys: "Control+B" },
    { act: "italic", label: "Italic", sign: "format_italic", keys: "Control+I" },
    { act: "list", label: "List", sign: "format_list_bulleted" },
    { act: "link", label: "Link to a topic", sign: "add_link" },
    { act: "cite", label: "Citation", sign: "format_quote", keys: "Control+K", more: "in the text of a section" },
    { act: "check", label: "Source check awaited", sign: "pending" },
  ];
  let told;
  const states = new WeakMap();
  const isWords = (editor) => editor.classList.contains("md-words");
  const textOf = (editor) => editor.querySelector("textarea");

  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /** Put words in place of others so that the browser can undo it. */
  function replace(text, start, end, words) {
    text.focus();
    text.setSelectionRange(start, end);
    const done = words
      ? document.execCommand("insertText", false, words)
      : start === end || document.execCommand("delete");
    if (!done) {
      text.setRangeText(words, start, end, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  /** Make a text another one, touching only what differs. */
  function become(text, after, cursor) {
    const before = text.value;
    let start = 0;
    while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
    let tail = 0;
    while (tail < Math.min(before.length, after.length) - start
      && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
    if (before !== after) replace(text, start, before.length - tail, after.slice(start, after.length - tail));
    text.focus();
    text.setSelectionRange(cursor, cursor);
  }

  // The server counts characters, browsers their halves.
  const counted = (words, units) => [...words.slice(0, units)].length;
  const units = (words, count) => [...words].slice(0, count).join("").length;

  async function post(address, values) {
    const form = told.closest("form");
    const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    const response = await fetch(address, { method: "POST", body, redirect: "error" });
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  }

  /** Let the server write something at the cursor. */
  async function write(editor, what, value, more = "", range = null) {
    const text = textOf(editor);
    const sent = text.value;
    const [start, end] = range ?? [text.selectionStart, text.selectionEnd];
    try {
      const answer = await post(told.dataset.write, {
        what, value, more, text: sent, start: counted(sent, start), end: counted(sent, end),
      });
      if (text.value !== sent) return say(editor, "The text was changed meanwhile. Try again.");
      if (answer.fault) { text.focus(); return say(editor, answer.fault); }
      become(text, answer.text, units(answer.text, answer.position));
      return say(editor, "");
    } catch {
      text.focus();
      return say(editor, "The portal cannot be reached. Nothing was written.");
    }
  }

  function say(editor, words) {
    editor.querySelector(".md-said").textContent = words;
  }

  function around(text, sign) {
    const { selectionStart: start, selectionEnd: end, value } = text;
    const inner = value.slice(start, end);
    const n = sign.length;
    if (inner && value.slice(start - n, start) === sign && value.slice(end, end + n) === sign) {
      replace(text, start - n, end + n, inner);
      text.setSelectionRange(start - n, end - n);
      return;
    }
    // Spaces at the edges would keep the signs from being read.
    const [, lead, words, trail] = inner.match(/^(\s*)([^]*?)(\s*)$/);
    replace(text, start, end, `${lead}${sign}${words}${sign}${trail}`);
    const from = start + lead.length + n;
    text.setSelectionRange(from, from + words.length);
  }

  function list(text) {
    const { value } = text;
    const start = value.lastIndexOf("\n", text.selectionStart - 1) + 1;
    const found = value.indexOf("\n", Math.max(text.selectionEnd, start));
    const end = found < 0 ? value.length : found;
    const lines = value.slice(start, end).split("\n");
    const isList = lines.every((line) => /^\s*- /.test(line) || !line.trim());
    const made = lines.map((line) => isList ? line.replace(/^(\s*)- /, "$1") : line.trim() ? `- ${line}` : line);
    replace(text, start, end, made.join("\n"));
    text.setSelectionRange(start, start + made.join("\n").length);
  }

  const ACTS = {
    bold: (editor) => around(textOf(editor), "**"),
    italic: (editor) => around(textOf(editor), "*"),
    list: (editor) => list(textOf(editor)),
    link: (editor) => window.hscPicker.open("link", editor, write),
    cite: (editor) => window.hscPicker.open("cite", editor, write),
    check: (editor) => write(editor, "check", markHere(editor)?.awaiting ? "" : "awaiting"),
  };

  /** What is known of the statement that the cursor is in. */
  function markHere(editor) {
    const text = textOf(editor);
    const line = text.value.slice(0, text.selectionEnd).split("\n").length;
    const marks = states.get(editor)?.statements ?? [];
    return marks.filter((mark) => mark.line <= line).at(-1);
  }

  function showHere(editor) {
    const mark = markHere(editor);
    const grade = editor.querySelector(".md-grade");
    if (document.activeElement !== grade) grade.value = mark?.certainty ?? "";
    editor.querySelector("[data-act='check']").setAttribute("aria-pressed", String(Boolean(mark?.awaiting)));
  }

  function tally(statements, faults) {
    const uncited = statements.filter((mark) => !mark.cited).length;
    const awaiting = statements.filter((mark) => mark.awaiting).length;
    const parts = [`${statements.length} ${statements.length === 1 ? "statement" : "statements"}`,
      uncited ? `${uncited} without citation` : "all cited"];
    if (awaiting) parts.push(`${awaiting} awaiting a source check`);
    if (faults) parts.push(faults === 1 ? "1 fault" : `${faults} faults`);
    return statements.length || faults ? parts.join(" · ") : "No statements yet";
  }

  function show(editor, answer) {
    states.set(editor, answer);
    const page = editor.querySelector(".md-page");
    const faults = editor.querySelector(".md-faults");
    const told = answer.faults.map((fault) => el("li", {}, fault));
    if (faults.textContent !== answer.faults.join("")) faults.replaceChildren(...told);
    page.classList.toggle("is-old", !answer.html && answer.faults.length > 0);
    if (answer.html || !answer.faults.length) page.innerHTML = answer.html;
    // These names belong to the page of a topic, and this is no such page.
    for (const named of page.querySelectorAll("[id]")) named.removeAttribute("id");
    for (const link of page.querySelectorAll(".permalink")) link.remove();
    for (const link of page.querySelectorAll("a[href^='#']")) link.removeAttribute("href");
    for (const link of page.querySelectorAll("a[href]")) link.target = "_blank";
    const sources = editor.querySelector(".md-sources");
    sources.replaceChildren(...answer.references.map((one) => el("li", { value: one.number }, el("strong", {}, one.name), ` ${one.title}`)));
    const count = editor.querySelector(".md-count");
    if (isWords(editor)) return;
    count.textContent = tally(answer.statements, answer.faults.length);
    count.classList.toggle("has-uncited", answer.faults.length > 0 || answer.statements.some((mark) => !mark.cited));
    showHere(editor);
  }

  async function preview(editor) {
    const text = textOf(editor).value;
    try {
      const answer = await post(told.dataset.preview, { text, topic: told.dataset.topic, what: isWords(editor) ? "words" : "" });
      if (textOf(editor).value === text) show(editor, answer);
    } catch {
      const count = editor.querySelector(".md-count");
      if (count) count.textContent = "The preview cannot be reached";
    }
  }

  const timers = new WeakMap();
  function soon(editor) {
    clearTimeout(timers.get(editor));
    timers.set(editor, setTimeout(() => preview(editor), WAIT));
  }

  function toolbar(name) {
    const bar = el("div", { class: "md-bar", role: "toolbar", "aria-label": `Write: ${name}` });
    for (const { act, label, sign, keys, more } of BUTTONS) {
      const made = el("button", { type: "button", class: "md-button", "data-act": act, "aria-label": label, title: keys ? `${label} (${[keys.replace("Control", "Ctrl"), more].filter(Boolean).join(", ")})` : label, tabindex: "-1" });
      if (keys) made.setAttribute("aria-keyshortcuts", keys);
      if (act === "check") made.setAttribute("aria-pressed", "false");
      made.append(el("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, sign));
      bar.append(made);
    }
    const grade = el("select", { class: "md-grade", "aria-label": "Certainty of the statement at the cursor", tabindex: "-1" });
    grade.append(el("option", { value: "", disabled: "", hidden: "" }, "Certainty"));
    for (const [value, label] of GRADES) grade.append(el("option", { value }, label));
    bar.lastChild.before(grade);
    bar.firstChild.tabIndex = 0;
    return bar;
  }

  function dress(text) {
    if (text.closest(".md-editor") || text.closest(".empty-form")) return;
    const name = text.labels?.[0]?.textContent.trim() || "Text";
    const editor = el("div", { class: "md-editor" });
    const side = el("div", { class: "md-side", role: "group", "aria-label": "Preview" });
    text.before(editor);
    side.append(
      el("p", { class: "md-count" }, "…"),
      el("div", { role: "status" }, el("ul", { class: "md-faults" })),
      el("div", { class: "md-page" }),
      el("ol", { class: "md-sources", "aria-label": "Cited here" }),
    );
    const page = side.querySelector(".md-page");
    page.tabIndex = 0;
    page.setAttribute("role", "group");
    page.setAttribute("aria-label", "As readers would see it");
    const writing = el("div", { class: "md-text" }, toolbar(name), text, el("p", { class: "md-said", role: "status" }));
    editor.append(writing, side);
    seen.observe(editor);
  }

  // A topic has many sections; one that nobody looks at needs no preview.
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      preview(target);
    }
  });

  /** Words that are no Markdown, as the summary: a preview below them and no toolbar. */
  function dressWords(text) {
    if (!text || text.readOnly) return;
    const editor = el("div", { class: "md-editor md-words" });
    text.before(editor);
    const page = el("div", { class: "md-page", role: "group", tabindex: "0", "aria-label": "As readers would see it" });
    const side = el("div", { class: "md-side" }, el("div", { role: "status" }, el("ul", { class: "md-faults" })), page, el("ol", { class: "md-sources" }));
    editor.append(text, side);
    text.addEventListener("input", () => soon(editor));
    preview(editor);
  }

  const editorOf = (node) => node.closest?.(".md-editor");

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".md-button");
    if (pressed) ACTS[pressed.dataset.act](editorOf(pressed));
  });

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.(".md-grade")) return;
    const editor = editorOf(event.target);
    write(editor, "certainty", event.target.value);
  });

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("textarea.markdown")) return;
    const editor = editorOf(event.target);
    if (!editor) return;
    say(editor, "");
    soon(editor);
    const { value, selectionEnd: end } = event.target;
    const isAsking = event.inputType === "insertText" && event.data === "@" && !/[\w.]/.test(value[end - 2] ?? "");
    // Who types a citation begins it with a bracket, which the picker will write by itself.
    if (isAsking) window.hscPicker.open("cite", editor, write, value.slice(0, end).match(/(\[[ \t]*)?@$/)[0].length);
  });

  for (const kind of ["keyup", "click", "focusin"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.matches?.("textarea.markdown") && editorOf(event.target)) showHere(editorOf(event.target));
    });
  }

  document.addEventListener("keydown", (event) => {
    const editor = editorOf(event.target);
    if (!editor) return;
    const act = { b: "bold", i: "italic", k: "cite" }[event.key.toLowerCase()];
    if (isWords(editor)) return;
    if (act && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.target.matches("textarea")) {
      event.preventDefault();
      event.stopPropagation();
      ACTS[act](editor);
    }
    const bar = event.target.closest(".md-bar");
    if (bar) walk(bar, event);
  });

  /** One stop for the tabulator, arrows within: the pattern of a toolbar. */
  function walk(bar, event) {
    const items = [...bar.children];
    const now = items.indexOf(event.target);
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = items[(to + items.length) % items.length];
    for (const item of items) item.tabIndex = item === next ? 0 : -1;
    next.focus();
  }

  document.addEventListener("formset:added", (event) => {
    const row = event.target.closest?.(".form-group");
    for (const text of row?.querySelectorAll("textarea.markdown") ?? []) {
      // A row that the theme moved was copied, and knows nothing of its preview any more.
      const copied = text.closest(".md-editor");
      if (copied) seen.observe(copied);
      else dress(text);
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    told = document.getElementById("desk-writing");
    if (!told) return;
    document.querySelectorAll("#content-main textarea.markdown:not([readonly])").forEach(dress);
    dressWords(document.getElementById("id_summary"));
  });
}
