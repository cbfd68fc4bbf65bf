/* Keeps topic pages readable without the network: those visited last, and those marked with a star.

   Served at /service-worker.js, with `self.BUILD` in front of it:
     version   differs for each version of the portal, so that browsers notice a new one
     languages of the pages, that of the content first; the others' codes begin their paths
     frame     addresses that the pages about kept copies need, kept when the worker is installed
     statics   the path below which static files lie
     terms     the addresses of the glossary as data
     most      how many pages are kept: `visited` and `starred`
     patience  for how many milliseconds the network is waited for while there is a copy
   Nothing else is ever kept: no list, no form, no answer of the API, nothing of the admin.

   A kept copy is the page itself with headers of our own: when it was last known to be what the
   portal shows (Kept-At), its title and edition, and the static files that it needs. A page is in
   one of two caches, so that visits cannot push out stars. */

const { version, languages, frame, statics, terms, most, patience } = self.BUILD;

const FRAME = "hsc-frame-1";
const STATICS = "hsc-statics-1";
const VISITED = "hsc-visited-1";
const STARRED = "hsc-starred-1";
// Kept with the frame: what was removed because the portal no longer shows it.
const REMOVED = "/saved/removed.json";
const MOST_REMOVED = 50;
const HOUR = 3600 * 1000;

const LANGUAGE = new RegExp(`^(?:/(${languages.slice(1).join("|")})(?=/))?`);
const TOPIC = new RegExp(`${LANGUAGE.source}/topics/[a-z0-9_-]+/(?:editions/(\\d+)/)?$`, "i");
const EDITION = /href="(?:\/\w+)?\/topics\/[^"/]+\/editions\/(\d+)\/"/;
const FIGURE = /^\/figures\/[0-9a-f]{64}\.\w+$/;
const DIGEST = /\.[0-9a-f]{12}\.\w+$/;
const OTHERS = /^\/(admin|api)\//;

/* ---- Its life ---- */

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(FRAME);
  await cache.addAll(frame.map((address) => new Request(address, { cache: "reload" })));
  await self.skipWaiting();
}

/** Take over all pages, and drop what only an earlier version of the portal needed. */
async function activate() {
  const ours = new Set([FRAME, STATICS, VISITED, STARRED]);
  for (const name of await caches.keys()) {
    if (name.startsWith("hsc-") && !ours.has(name)) await caches.delete(name);
  }
  await dropAllBut([...frame, REMOVED], FRAME);
  const kept = await allKept();
  await dropAllBut([...terms, ...kept.flatMap(({ copy }) => filesOf(copy))], STATICS);
  await self.clients.claim();
}

async function dropAllBut(addresses, name) {
  const wanted = new Set(addresses.map((address) => new URL(address, location.origin).href));
  const cache = await caches.open(name);
  for (const request of await cache.keys()) {
    if (!wanted.has(request.url)) await cache.delete(request);
  }
}

/* ---- Answering ---- */

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (OTHERS.test(address.pathname)) return;
  if (FIGURE.test(address.pathname)) {
    event.respondWith(cacheFirst(request));
  } else if (address.pathname.startsWith(statics)) {
    event.respondWith(DIGEST.test(address.pathname) ? cacheFirst(request) : networkFirst(request));
  } else if (terms.includes(address.pathname)) {
    event.respondWith(networkFirst(request));
  } else if (request.mode === "navigate") {
    event.respondWith(isTopic(address) ? topicPage(event) : otherPage(request));
  }
});

/** The page of a topic or edition. A query asks for something else than the page that is kept. */
function isTopic(address) {
  return TOPIC.test(address.pathname) && !address.search;
}

/** A file whose name says what is in it can never have changed. */
async function cacheFirst(request) {
  return (await fileOf(request)) || fetchFile(request);
}

async function networkFirst(request) {
  try {
    return await fetchFile(request);
  } catch (error) {
    return (await fileOf(request)) || Promise.reject(error);
  }
}

async function fileOf(request) {
  const found = await (await caches.open(STATICS)).match(request);
  return found || (await caches.open(FRAME)).match(request);
}

/** Fetch a file, and renew its copy if there is one. Which files are kept, the pages decide. */
async function fetchFile(request) {
  const answer = await fetch(request);
  const cache = await caches.open(STATICS);
  if (answer.status === 200 && (await cache.match(request))) {
    await cache.put(request, answer.clone());
  }
  return answer;
}

/** A page that is not kept: from the network, or the page that says that there is none. */
async function otherPage(request, asked = fetch(request)) {
  const cache = await caches.open(FRAME);
  const path = new URL(request.url).pathname;
  const copy = await cache.match(path);
  try {
    return await inTime(asked, copy);
  } catch (error) {
    const [prefix] = path.match(LANGUAGE);
    return copy || (await cache.match(`${prefix}/offline/`)) || Promise.reject(error);
  }
}

/** A topic page: from the network if it answers in time, else the kept copy. */
async function topicPage(event) {
  const path = new URL(event.request.url).pathname;
  // Asked anew each time, for little (304): what the browser itself keeps for a minute or two would
  // look live without a network.
  const asked = fetch(event.request, { cache: "no-cache" });
  const noted = asked.then((answer) => note(path, answer.clone()).then(() => answer.status));
  event.waitUntil(noted.catch(() => {}));
  const kept = await find(path);
  try {
    const answer = await inTime(asked, kept);
    // Not being able to answer is no answer.
    return kept && answer.status >= 500 ? shown(kept.copy) : answer;
  } catch {
    if (!kept) return otherPage(event.request, asked);
    // The answer may come while the copy is read, and say that it is withdrawn.
    event.waitUntil(noted.then((status) => tell(event.resultingClientId, status)).catch(() => {}));
    return shown(kept.copy);
  }
}

/** Tell a page that shows a kept copy that the portal has answered after all. */
async function tell(id, status) {
  const page = await self.clients.get(id);
  page?.postMessage({ answered: status });
}

/** Return what was asked for. With a copy at hand, throw if that takes too long. */
function inTime(asked, copy) {
  if (!copy) return asked;
  return new Promise((resolve, reject) => {
    asked.then(resolve, reject);
    setTimeout(() => reject(new Error("The network is too slow.")), patience);
  });
}

/** Return a kept copy as it is shown: the page's own script then says how old it is. */
async function shown(copy) {
  const { at, edition } = described(copy);
  const headers = new Headers(copy.headers);
  headers.set("Cache-Control", "no-store");
  const html = await copy.text();
  const told = html.replace("<html", `<html data-kept-at="${at}" data-kept-edition="${edition}"`);
  return new Response(told, { headers });
}

/* ---- Keeping ---- */

let turn = Promise.resolve();

/** Do one change of the caches after the other: a star must not be lost to a visit. */
function inTurn(change) {
  const done = turn.then(change);
  turn = done.catch(() => {});
  return done;
}

/** Do to the kept copy of a page what the portal's answer calls for. */
async function note(path, answer) {
  if (answer.type === "opaqueredirect") await check(path);
  else if (answer.status === 200) await keep(path, answer);
  else if (answer.status === 410 || answer.status === 404) await remove(path, answer.status);
}

/** Keep a page with the files that it needs: in the cache of that name, or where it is. */
async function keep(path, answer, name) {
  const html = await answer.text();
  const files = [...html.matchAll(/(?:href|src|data-next)="([^"]+)"/g)].map((found) => found[1]);
  const ours = [...new Set(files)].filter((file) => file.startsWith(statics) || FIGURE.test(file));
  const [, language, number] = TOPIC.exec(path);
  const edition = number || html.match(EDITION)?.[1];
  const headers = new Headers({
    "Content-Type": answer.headers.get("Content-Type"),
    "Kept-At": new Date().toISOString(),
    "Kept-ETag": answer.headers.get("ETag") || "",
    "Kept-Title": encodeURIComponent(html.match(/<h1[^>]*>([^<]*)/)?.[1].trim() || path),
    "Kept-Language": language || languages[0],
    "Kept-Edition": edition || "",
    "Kept-Files": ours.join(" "),
  });
  const policy = answer.headers.get("Content-Security-Policy");
  if (policy) headers.set("Content-Security-Policy", policy);
  // The page comes last: what is kept can be read.
  const cache = await caches.open(STATICS);
  const missing = [];
  for (const file of [...ours, ...terms]) if (!(await fileOf(file))) missing.push(file);
  await Promise.allSettled(missing.map((file) => cache.add(file)));
  await put(path, new Response(html, { headers }), name);
}

/** Put a copy into one cache and out of the other, and the oldest visits out of theirs. */
function put(path, copy, name) {
  return inTurn(async () => {
    const target = name || (await find(path))?.name || VISITED;
    const cache = await caches.open(target);
    // The newest is last, also if it was there before.
    await cache.delete(path);
    await cache.put(path, copy);
    await (await caches.open(target === STARRED ? VISITED : STARRED)).delete(path);
    const visited = await caches.open(VISITED);
    const requests = await visited.keys();
    const many = Math.max(0, requests.length - most.visited);
    for (const request of requests.slice(0, many)) await visited.delete(request);
    await writeRemoved((await readRemoved()).filter((one) => one.path !== path));
  });
}

/** Drop a page that the portal no longer shows, and remember that for the page of kept topics. */
function remove(path, status) {
  return inTurn(async () => {
    const kept = await find(path);
    if (!kept) return;
    // Both, since a star may have been set or taken meanwhile: nothing withdrawn may stay behind.
    for (const name of [STARRED, VISITED]) await (await caches.open(name)).delete(path);
    const one = { path, ...described(kept.copy), withdrawn: status === 410 };
    one.at = new Date().toISOString();
    await writeRemoved([one, ...(await readRemoved())].slice(0, MOST_REMOVED));
  });
}

async function readRemoved() {
  const answer = await (await caches.open(FRAME)).match(REMOVED);
  return answer ? answer.json() : [];
}

async function writeRemoved(removed) {
  await (await caches.open(FRAME)).put(REMOVED, new Response(JSON.stringify(removed)));
}

async function find(path) {
  for (const name of [STARRED, VISITED]) {
    const copy = await (await caches.open(name)).match(path);
    if (copy) return { name, copy };
  }
  return null;
}

async function allKept() {
  const found = [];
  for (const name of [STARRED, VISITED]) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const copy = await cache.match(request);
      if (copy) found.push({ name, copy, path: new URL(request.url).pathname });
    }
  }
  return found;
}

function described(copy) {
  return {
    title: plain(decodeURIComponent(copy.headers.get("Kept-Title"))),
    language: copy.headers.get("Kept-Language") || languages[0], // none of an earlier worker
    titleLanguage: languages[0],
    edition: copy.headers.get("Kept-Edition"),
    at: copy.headers.get("Kept-At"),
  };
}

function filesOf(copy) {
  return copy.headers.get("Kept-Files").split(" ").filter(Boolean);
}

function plain(html) {
  const signs = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };
  return html.replace(/&(#?\w+);/g, (sign, name) => signs[name] ?? sign);
}

/* ---- Checking ---- */

/** Ask the portal whether a kept page is still what it shows; keep, replace, move or drop it. */
async function check(path) {
  const kept = await find(path);
  if (!kept) return;
  const etag = kept.copy.headers.get("Kept-ETag");
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(path, { headers, credentials: "omit" });
  const at = new URL(answer.url);
  if (answer.status === 304) {
    const confirmed = new Headers(kept.copy.headers);
    confirmed.set("Kept-At", new Date().toISOString());
    const copy = new Response(await kept.copy.text(), { headers: confirmed });
    // In its place: being checked is not being visited. It may have been moved or dropped since.
    await inTurn(async () => {
      const still = await find(path);
      if (still && still.copy.headers.get("Kept-ETag") === etag) {
        await (await caches.open(still.name)).put(path, copy);
      }
    });
  } else if (answer.ok && at.pathname !== path) {
    await inTurn(async () => (await caches.open(kept.name)).delete(path));
    if (isTopic(at)) await keep(at.pathname, answer, kept.name);
  } else {
    await note(path, answer);
  }
}

let checking = null;

/** Check all pages that were confirmed longer ago than that, one after the other. */
function checkAll(age) {
  const checkEach = async () => {
    for (const { path, copy } of await allKept()) {
      if (Date.now() - Date.parse(described(copy).at) >= age) await check(path);
    }
  };
  checking ||= checkEach().finally(() => (checking = null));
  return checking;
}

/* ---- What pages ask. Each is answered at the port that came with the question. ---- */

const ANSWERS = {
  /** All that is kept, the newest first. */
  list() {
    return inTurn(async () => {
      const pages = (await allKept()).map(({ name, copy, path }) => {
        return { path, starred: name === STARRED, ...described(copy) };
      });
      return { version, pages: pages.reverse(), removed: await readRemoved() };
    });
  },
  /** A page was loaded before there was a worker to see it. */
  async visited({ path }) {
    if (isTopic(new URL(path, location.origin)) && !(await find(path))) await visit(path);
    return { starred: (await find(path))?.name === STARRED };
  },
  async star({ path }) {
    const starred = await (await caches.open(STARRED)).keys();
    if (starred.length >= most.starred) return { starred: false, most: most.starred };
    const kept = await find(path);
    if (kept) await put(path, kept.copy, STARRED);
    else await visit(path, STARRED);
    return { starred: (await find(path))?.name === STARRED };
  },
  async unstar({ path }) {
    const kept = await find(path);
    if (kept) await put(path, kept.copy, VISITED);
    return { starred: false };
  },
  async drop({ path }) {
    await inTurn(async () => {
      for (const name of [STARRED, VISITED]) await (await caches.open(name)).delete(path);
    });
    return ANSWERS.list();
  },
  async dropAll() {
    await inTurn(async () => {
      for (const name of [STARRED, VISITED]) await caches.delete(name);
      await writeRemoved([]);
    });
    return ANSWERS.list();
  },
  async check({ all }) {
    await checkAll(all ? 0 : HOUR);
    return ANSWERS.list();
  },
};

async function visit(path, name) {
  const answer = await fetch(path, { credentials: "omit" });
  if (answer.ok && !answer.redirected) await keep(path, answer, name);
}

self.addEventListener("message", (event) => {
  const { ask } = event.data || {};
  if (!Object.hasOwn(ANSWERS, ask)) return;
  const port = event.ports[0];
  const answered = ANSWERS[ask](event.data);
  event.waitUntil(
    answered.then(
      (told) => port?.postMessage(told),
      (error) => port?.postMessage({ error: String(error) }),
    ),
  );
});
