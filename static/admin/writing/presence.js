/* Who else has this topic open, and whether somebody saved a newer text: told twice a minute. */

{
  const EVERY = 30_000;

  function sentence(other) {
    const line = document.createElement("p");
    const name = document.createElement("strong");
    name.textContent = other.name;
    const since = document.createElement("time");
    since.dateTime = other.since;
    since.textContent = `${new Date(other.since).toISOString().slice(11, 16)} UTC`;
    line.append(name, " is editing this topic since ", since, ".");
    return line;
  }

  /** Write only what is new: a region that is read aloud must not repeat itself. */
  function show(region, lines) {
    const before = [...region.children].map((line) => line.textContent).join("\n");
    if (lines.map((line) => line.textContent).join("\n") !== before) region.replaceChildren(...lines);
  }

  function newer(answer, seen) {
    if (answer.revision <= seen) return [];
    const line = document.createElement("p");
    line.textContent = `${answer.saved_by} saved revision ${answer.revision} of this topic after you opened it. `
      + "When you save, both texts are brought together; you are asked only what you both changed.";
    return [line];
  }

  document.addEventListener("DOMContentLoaded", () => {
    const told = document.getElementById("desk-writing");
    const form = told?.closest("form");
    if (!told?.dataset.topic || !form) return;
    const seen = Math.max(Number(form.elements.seen_revision?.value), Number(form.querySelector("[name='_merge_with']")?.value ?? 0));
    const body = () => new URLSearchParams({
      topic: told.dataset.topic, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    });

    let timer;
    let isOver = false;
    async function beat() {
      if (isOver) return;
      try {
        const response = await fetch(told.dataset.presence, { method: "POST", body: body(), redirect: "error" });
        if (response.status === 403) {
          // Logged out, or somebody else logged in: saving tells, and asking again would not help.
          clearInterval(timer);
          isOver = true;
        }
        if (!response.ok) return;
        const answer = await response.json();
        show(document.getElementById("desk-others"), answer.others.map(sentence));
        show(document.getElementById("desk-newer"), newer(answer, seen));
      } catch { /* Offline, or logged out: saving tells. */ }
    }

    beat();
    timer = setInterval(beat, EVERY);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
    window.addEventListener("pagehide", () => {
      if (isOver) return;
      const left = body();
      left.set("left", "1");
      navigator.sendBeacon(told.dataset.presence, left);
    });
  });
}
