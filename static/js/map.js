/* The knowledge map to explore: who points at a topic, or reaches it by keyboard, sees what it is
   related to; buttons and keys change the size of the picture and move it. Without this script the
   picture is a picture with links. */

// From offline.js, which each page has.
const { filled } = globalThis;

const WORDS = JSON.parse(document.getElementById("words-map").textContent);

// A browser that cannot show what is folded shows it so.
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 66rem)").matches) {
  for (const fold of document.querySelectorAll(".unfolds")) fold.open = true;
}

const frame = document.querySelector(".map-frame");
const picture = frame?.querySelector(".map-picture");
if (picture) {
  showNeighbors();
  moveAbout();
}

function showNeighbors() {
  const spots = new Map([...picture.querySelectorAll(".spot")].map((s) => [s.dataset.spot, s]));
  const curves = new Map([...spots.keys()].map((number) => [number, []]));
  for (const curve of picture.querySelectorAll(".curve")) {
    for (const end of curve.dataset.ends.split(" ")) curves.get(end).push(curve);
  }
  const said = document.querySelector(".map-said");
  const unsaid = said.textContent;

  function look(spot) {
    for (const near of picture.querySelectorAll(".is-near")) near.classList.remove("is-near");
    picture.classList.toggle("is-looking", Boolean(spot));
    if (!spot) {
      said.textContent = unsaid;
      return;
    }
    spot.classList.add("is-near");
    let seen = 0;
    for (const curve of curves.get(spot.dataset.spot)) {
      if (getComputedStyle(curve).display === "none") continue;
      curve.classList.add("is-near");
      seen += 1;
      for (const end of curve.dataset.ends.split(" ")) spots.get(end).classList.add("is-near");
    }
    const words = seen === 1 ? WORDS.shownOne : WORDS.shown;
    said.textContent = filled(words, { topic: spot.getAttribute("aria-label"), count: seen });
  }

  const spotOf = (event) => event.target.closest?.(".spot");
  // A fan has one topic in its middle, so there is nothing to tell apart.
  if (frame.classList.contains("is-fan")) return;
  picture.addEventListener("pointerover", (event) => look(spotOf(event) || focused()));
  picture.addEventListener("pointerleave", () => look(focused()));
  picture.addEventListener("focusin", (event) => look(spotOf(event)));
  picture.addEventListener("focusout", () => look(null));
  const focused = () => picture.querySelector(".spot:focus-visible");
}

function moveAbout() {
  const STEP = 1.35;
  const LARGEST = 6;
  const PACE = 0.25;
  let scale = 1;

  // On a narrow screen the picture is wider than its frame, so that it can be read.
  const fitting = () => Math.min(1, (scale * frame.clientWidth) / picture.clientWidth);
  const isWide = () => frame.scrollWidth > frame.clientWidth;
  const isHigh = () => frame.scrollHeight > frame.clientHeight;

  /** Change the size and keep what is in the middle of the frame there. */
  function resize(wanted) {
    const next = Math.min(LARGEST, Math.max(fitting(), wanted));
    const x = (frame.scrollLeft + frame.clientWidth / 2) / picture.clientWidth;
    const y = (frame.scrollTop + frame.clientHeight / 2) / picture.clientHeight;
    scale = next;
    frame.classList.toggle("is-larger", next > 1);
    picture.style.setProperty("--scale", next);
    frame.scrollLeft = x * picture.clientWidth - frame.clientWidth / 2;
    frame.scrollTop = y * picture.clientHeight - frame.clientHeight / 2;
    tellWhatCanBeDone();
  }

  /** What cannot be done is told and not taken away: a button that goes would take the focus along. */
  function tellWhatCanBeDone() {
    const smaller = scale > fitting();
    const can = {
      in: scale < LARGEST, out: smaller, fit: smaller,
      left: isWide(), right: isWide(), up: isHigh(), down: isHigh(),
    };
    for (const button of tools.querySelectorAll("button")) {
      button.setAttribute("aria-disabled", String(!can[button.dataset.do]));
    }
  }

  const move = (x, y) =>
    frame.scrollBy(x * PACE * frame.clientWidth, y * PACE * frame.clientHeight);
  const acts = {
    in: () => resize(scale * STEP),
    out: () => resize(scale / STEP),
    fit: () => resize(fitting()),
    left: () => move(-1, 0),
    right: () => move(1, 0),
    up: () => move(0, -1),
    down: () => move(0, 1),
  };
  const tools = document.querySelector(".map-tools");
  tools.hidden = false;
  document.querySelector(".map-keys").hidden = false;
  tellWhatCanBeDone();
  addEventListener("resize", tellWhatCanBeDone);
  tools.addEventListener("click", (event) => acts[event.target.dataset.do]?.());

  const keys = {
    "+": "in", "=": "in", "-": "out", 0: "fit",
    ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
  };
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    // A picture that is all there leaves the arrows to the page.
    if (event.key.startsWith("Arrow") && !isWide() && !isHigh()) return;
    event.preventDefault();
    acts[keys[event.key]]();
  });

  // With a mouse the picture is dragged; fingers scroll it anyway.
  let last = null;
  let dragged = false;
  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    if (!isWide() && !isHigh()) return;
    last = event;
    dragged = false;
  });
  addEventListener("pointermove", (event) => {
    if (!last) return;
    frame.scrollBy(last.clientX - event.clientX, last.clientY - event.clientY);
    dragged ||= Math.hypot(event.clientX - last.clientX, event.clientY - last.clientY) > 2;
    frame.classList.toggle("is-dragged", dragged);
    last = event;
  });
  addEventListener("pointerup", () => {
    last = null;
    frame.classList.remove("is-dragged");
  });
  // A link under the mouse is not meant at the end of a drag, nor dragged itself.
  frame.addEventListener("click", (event) => {
    if (dragged) event.preventDefault();
    dragged = false;
  });
  frame.addEventListener("dragstart", (event) => event.preventDefault());

  // A fan wider than the screen shows its middle first, also where it was folded until now; a ring
  // its left edge, where names stand level.
  const center = () => {
    const isFan = frame.classList.contains("is-fan");
    frame.scrollLeft = isFan ? (picture.clientWidth - frame.clientWidth) / 2 : 0;
    frame.scrollTop = isFan ? 0 : (picture.clientHeight - frame.clientHeight) / 2;
    tellWhatCanBeDone();
  };
  frame.closest("details").addEventListener("toggle", center);
  center();
}
