/* Reading without the network, as far as a page itself takes part in it: it registers the worker
   that keeps copies (service-worker.js), offers the star, and says of a kept copy how old it is.

   Places: [data-star] on a topic page gets the star; [data-offline] gets the banner, which else
   comes first in <main>. Without this script nothing is kept and nothing is missing.

   Like topic.js it is deferred and no module: tools that measure pages see of a deferred script that
   the first paint did not wait for it, of a module they do not. */

(() => {
  "use strict";

  const WORDS = JSON.parse(document.getElementById("words-offline").textContent);

  /** Return words with their `{name}`s filled in. The map uses it too. */
  function filled(words, values) {
    return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  globalThis.filled = filled;

  const { keptAt, keptEdition } = document.documentElement.dataset;

  /** Ask the worker; see ANSWERS in service-worker.js. */
  async function ask(question) {
    const { active } = await navigator.serviceWorker.ready;
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = (event) => resolve(event.data);
      active.postMessage(question, [port2]);
    });
  }

  /** Return how long ago something was, in words. */
  function ago(moment) {
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
    const minutes = Math.round((Date.now() - Date.parse(moment)) / 60000);
    if (minutes < 1) return WORDS.now;
    if (minutes < 60) return words.format(-minutes, "minute");
    if (minutes < 48 * 60) return words.format(-Math.round(minutes / 60), "hour");
    return words.format(-Math.round(minutes / (24 * 60)), "day");
  }

  function showBanner() {
    let place = document.querySelector("[data-offline]");
    if (!place) {
      place = document.createElement("div");
      document.querySelector("main").prepend(place);
    }
    const told = document.createElement("p");
    const age = document.createElement("strong");
    age.textContent = filled(keptEdition ? WORDS.keptEdition : WORDS.kept, {
      age: ago(keptAt),
      edition: keptEdition,
    });
    age.title = new Date(keptAt).toLocaleString(document.documentElement.lang);
    const why = document.createElement("span");
    why.textContent = ` ${WORDS.unreachable} `;
    told.append(age, why);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = WORDS.again;
    button.addEventListener("click", () => location.reload());
    const box = document.createElement("div");
    box.className = "notice kept-notice";
    box.setAttribute("role", "status");
    box.append(told, button);
    place.replaceChildren(box);
    place.hidden = false;
    const offer = () => {
      why.textContent = ` ${WORDS.reachable} `;
      button.textContent = WORDS.reload;
    };
    addEventListener("online", offer);
    navigator.serviceWorker?.addEventListener("message", ({ data }) => {
      // What was withdrawn must not stay on the screen.
      if (data.answered === 410 || data.answered === 404) location.reload();
      else if (data.answered < 500) offer();
    });
    navigator.serviceWorker?.startMessages();
  }

  function showStar(place, path, isStarred) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "star-button";
    const sign = document.createElement("span");
    sign.setAttribute("aria-hidden", "true");
    button.append(sign, document.createElement("span"));
    const told = document.createElement("span");
    told.className = "hint";
    told.setAttribute("role", "status");
    const show = (starred) => {
      button.setAttribute("aria-pressed", String(starred));
      sign.textContent = starred ? "★" : "☆";
      button.lastChild.textContent = WORDS.star;
    };
    button.addEventListener("click", async () => {
      const wanted = button.getAttribute("aria-pressed") !== "true";
      const { starred, most } = await ask({ ask: wanted ? "star" : "unstar", path });
      show(Boolean(starred));
      const why = most ? filled(WORDS.full, { most }) : WORDS.failed;
      told.textContent = wanted === Boolean(starred) ? "" : why;
      // Else a browser that is short of space may drop what was to be kept.
      if (starred) navigator.storage?.persist?.();
    });
    show(isStarred);
    place.replaceChildren(button, told);
    place.hidden = false;
  }

  /** The list of all kept pages has a script of its own, fetched only where it is shown. */
  async function showList(place) {
    const { show } = await import(place.dataset.saved);
    await show(place, ask, { ago, filled });
  }

  /** Have all copies compared with the portal. What says that it is online may not be so yet. */
  async function checkAll() {
    for (const seconds of [0, 2, 10, 60]) {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const { error } = await ask({ ask: "check", all: true });
      if (!error) return;
    }
  }

  async function start() {
    // What is read now comes first.
    if (document.readyState !== "complete") {
      await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
    }
    await new Promise((resolve) => (globalThis.requestIdleCallback || setTimeout)(resolve));
    const manifest = document.createElement("link");
    Object.assign(manifest, { rel: "manifest", href: "/manifest.webmanifest" });
    document.head.append(manifest);
    await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
    const list = document.querySelector("[data-saved]");
    if (list) await showList(list);
    const place = document.querySelector("[data-star]");
    // An address with a query shows something else than the page that would be kept.
    if (place && !location.search) {
      const path = location.pathname;
      const { starred } = await ask({ ask: "visited", path });
      showStar(place, path, Boolean(starred));
    }
    if (!keptAt) await ask({ ask: "check" });
    // The network may have come back before this script could hear of it.
    else if (navigator.onLine) await checkAll();
  }

  /** A search field says that it has suggestions; what makes them is fetched when it is first used,
      since most visits to a page search nothing. */
  function offerSuggestions(field) {
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    const fetch = () => import("./suggest.js").catch(() => {});
    if (document.activeElement === field) fetch();
    else field.addEventListener("focus", fetch, { once: true });
  }

  document.querySelectorAll("[data-suggest]").forEach(offerSuggestions);
  if (keptAt) showBanner();
  // A page that was not sent encrypted may have no worker.
  if (navigator.serviceWorker) {
    addEventListener("online", () => checkAll().catch(() => {}));
    start().catch(() => {});
  }
})();
