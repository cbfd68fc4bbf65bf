/* What was typed outlives a lost network, an ended session and a closed window: it is kept in this
   browser until it was saved, and offered when the form is opened again; never put back unasked.
   Before a form is sent, the server is asked whether it would take it. */

{
  const PREFIX = "hsc-draft:";
  const COOKIE = "hsc_saved_draft";
  const FORGET_AFTER = 30 * 24 * 3600 * 1000;
  const NOT_KEPT = ["csrfmiddlewaretoken", "draft_word", "_restore", "_merge_with"];
  /** What a server takes as one form, with room for what is sent around the words. */
  const mostBytes = () => Number(document.getElementById("desk-writing").dataset.mostBytes) * 0.95;

  const words = (form) => [...new FormData(form)]
    .filter(([name, value]) => !NOT_KEPT.includes(name) && !name.startsWith("_take-") && typeof value === "string");

  function each(act) {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      try { act(key, JSON.parse(localStorage.getItem(key))); } catch { localStorage.removeItem(key); }
    }
  }

  function forgetSaved() {
    const saved = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([a-z0-9-]+)`))?.[1];
    each((key, draft) => {
      if (draft.word === saved || Date.now() - draft.at > FORGET_AFTER) localStorage.removeItem(key);
    });
    if (saved) document.cookie = `${COOKIE}=; max-age=0; path=/admin/; samesite=strict`;
  }

  function hidden(form, name, value) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
    return field;
  }

  function button(label, act, quiet) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = quiet ? "button quiet" : "button";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  const withoutRevision = (values) => JSON.stringify(values.filter(([name]) => name !== "seen_revision"));

  /** `answeredAt` is when a form of this kind was last accepted: what is older was for that one. */
  function offerNewest(form, here, answeredAt) {
    const found = [];
    each((key, draft) => {
      if (!key.startsWith(here)) return;
      // What is in the form already needs no offer.
      if (draft.at <= answeredAt || withoutRevision(draft.values) === withoutRevision(words(form))) localStorage.removeItem(key);
      else found.push([key, draft]);
    });
    found.sort(([, one], [, other]) => other.at - one.at);
    if (found.length) offer(form, ...found[0]);
  }

  function offer(form, key, draft) {
    const box = document.getElementById("desk-draft");
    const at = new Date(draft.at);
    const line = document.createElement("p");
    const time = document.createElement("time");
    time.dateTime = at.toISOString();
    time.textContent = `${at.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })} UTC`;
    line.append("What you typed here on ", time, " was not saved. It is kept in this browser.");
    const restore = button("Restore it", () => restoreBy(form, draft));
    const drop = button("Discard it", () => { localStorage.removeItem(key); box.hidden = true; }, true);
    box.replaceChildren(line, restore, drop);
    box.hidden = false;
  }

  /** Let the server draw the form with what was typed: it knows rows that are added or gone. */
  function restoreBy(form, draft) {
    const sent = document.createElement("form");
    sent.method = "post";
    sent.enctype = form.enctype;
    sent.action = location.pathname + location.search + location.hash;
    for (const [name, value] of draft.values) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      sent.append(field);
    }
    hidden(sent, "csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    hidden(sent, "_restore", "1");
    hidden(sent, "draft_word", draft.word);
    sent.hidden = true;
    document.body.append(sent);
    sent.submit();
  }

  function ask(title, lines, again) {
    const dialog = document.createElement("dialog");
    dialog.className = "desk-dialog";
    dialog.setAttribute("aria-labelledby", "desk-dialog-title");
    const head = document.createElement("h2");
    head.id = "desk-dialog-title";
    head.textContent = title;
    const actions = document.createElement("div");
    actions.className = "submit-row";
    actions.append(
      button("Save again", () => { dialog.close(); again(); }),
      button("Back to the text", () => dialog.close(), true),
    );
    dialog.append(head, ...lines, actions);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function paragraph(...parts) {
    const made = document.createElement("p");
    made.append(...parts);
    return made;
  }

  /** Return why the form cannot be sent now, as title and lines, or nothing. */
  async function obstacle(form, told) {
    const size = new Blob(words(form).flat()).size;
    if (size > mostBytes()) {
      return ["This is too much text for one topic", [paragraph(`The form holds ${(size / 1e6).toFixed(1)} MB; at most ${(mostBytes() / 1e6).toFixed(1)} MB can be saved. What you typed is kept in this browser.`)]];
    }
    let response;
    try {
      response = await fetch(told.dataset.session, { redirect: "manual", cache: "no-store" });
    } catch {
      return ["The portal cannot be reached", [paragraph("What you typed is kept in this browser, also if you close it. Save again once the network is back.")]];
    }
    if (response.type === "opaqueredirect" || response.status === 403 || response.redirected) {
      const link = document.createElement("a");
      Object.assign(link, { href: "/admin/login/?next=/admin/", target: "_blank", rel: "noopener", textContent: "Log in in a new window" });
      return ["You are no longer logged in", [paragraph("What you typed is still here. ", link, ", come back to this one, and save again.")]];
    }
    if (!response.ok) {
      return ["The portal did not answer as it should", [paragraph("What you typed is kept in this browser. Save again in a moment.")]];
    }
    const session = await response.json();
    if (session.user !== told.dataset.user) {
      return ["Somebody else is logged in now", [paragraph(`This form was opened by ${told.dataset.user}; now ${session.user} is logged in. Log in as ${told.dataset.user} in a new window, then save again.`)]];
    }
    // A login has made the token of this page worthless.
    form.elements.csrfmiddlewaretoken.value = session.token;
    return null;
  }

  function guard(form, told, keep) {
    let isChecked = false;
    // Before all others, so that nobody takes a form for sent that stays.
    window.addEventListener("submit", async (event) => {
      if (event.target !== form || isChecked) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      keep();
      const { submitter } = event;
      const found = await obstacle(form, told);
      const again = () => form.requestSubmit(submitter);
      if (found) { ask(...found, again); return; }
      isChecked = true;
      again();
      setTimeout(() => { isChecked = false; });
    }, true);
  }

  function start() {
    forgetSaved();
    const told = document.getElementById("desk-writing");
    const form = told?.closest("form");
    if (!form) return;
    const place = told.dataset.place || `${location.pathname}${location.search}`;
    const here = `${PREFIX}${told.dataset.user}:${place}#`;
    const before = JSON.stringify(words(form));
    // A form that came back with faults holds what was typed already.
    const isBack = Boolean(told.dataset.word);
    const word = hidden(form, "draft_word", told.dataset.word || newWord()).value;
    // Another window may have the same form open, so each keeps a draft of its own.
    const key = here + word;
    if (!isBack) offerNewest(form, here, Date.parse(told.dataset.answered) || 0);

    // When it was typed, not when the page was left: see offerNewest.
    let typedAt = Date.now();
    function keep() {
      const values = words(form);
      if (!isBack && JSON.stringify(values) === before) return;
      try {
        localStorage.setItem(key, JSON.stringify({ word, at: typedAt, values }));
      } catch { /* No room left, or forbidden: saving is then the only way. */ }
    }

    let timer;
    const soon = () => { typedAt = Date.now(); clearTimeout(timer); timer = setTimeout(keep, 600); };
    // Fields of the form may stand elsewhere on the page.
    const isOwn = (field) => form.contains(field) || field.form === form;
    for (const kind of ["input", "change"]) {
      document.addEventListener(kind, (event) => { if (isOwn(event.target)) soon(); });
    }
    window.addEventListener("pagehide", () => { if (timer) keep(); });
    guard(form, told, keep);
  }

  function newWord() {
    return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  }

  // After the scripts that fill in fields as the page opens.
  window.addEventListener("load", () => setTimeout(start));
}
