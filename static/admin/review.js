/* The review screen: a verdict that is being written stays while a remark loads the page anew (in
   this tab alone, it goes with the verdict), and the text as readers see it leads to remarks. */

const form = document.getElementById("verdict-form");
const revision = form?.elements.revision?.value;
const key = `verdict ${location.pathname}`;
const texts = form ? [...form.querySelectorAll("textarea")] : [];
const verdicts = form ? [...form.querySelectorAll("[name=verdict]")] : [];

function keep() {
  const chosen = verdicts.find((verdict) => verdict.checked)?.value ?? "";
  const words = Object.fromEntries(texts.map((text) => [text.name, text.value]));
  sessionStorage.setItem(key, JSON.stringify({ revision, chosen, words, at: Date.now() }));
}

function bringBack() {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept) return;
  const answeredAt = Date.parse(document.getElementById("desk-writing")?.dataset.answered) || 0;
  if (kept.at <= answeredAt) {
    // It was for a verdict that was given since.
    sessionStorage.removeItem(key);
    return;
  }
  for (const text of texts) text.value ||= kept.words[text.name] ?? "";
  if (kept.revision !== revision) {
    // The words may still hold; the verdict was on another text.
    document.getElementById("review-newer").hidden = false;
    return;
  }
  if (verdicts.some((verdict) => verdict.checked)) return;
  for (const verdict of verdicts) verdict.checked = verdict.value === kept.chosen;
}

if (form) {
  bringBack();
  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) keep();
    else sessionStorage.removeItem(key);
  });
}

document.querySelector("#review-newer:not([hidden])")?.focus();

/** Links out of the page within the page open windows of their own; statements lead to remarks. */
function lead(page) {
  for (const link of page.links) {
    if (link.pathname === page.location.pathname && link.hash) continue;
    link.target = "_blank";
    link.rel = "noopener";
  }
  if (!document.getElementById("remark")) return;
  for (const statement of page.querySelectorAll(".statement[id]")) {
    const remark = page.createElement("a");
    remark.className = "remark";
    remark.href = `${location.pathname}?about=${encodeURIComponent(statement.id)}#remark`;
    remark.textContent = "Remark";
    remark.ariaLabel = `Remark on: ${statement.textContent.trim().slice(0, 60)}`;
    remark.addEventListener("click", (event) => {
      const about = document.getElementById("id_remark-about");
      if (![...about?.options ?? []].some((option) => option.value === statement.id)) return;
      event.preventDefault();
      about.value = statement.id;
      document.getElementById("id_remark-text").focus();
      document.getElementById("remark").scrollIntoView({ block: "center" });
    });
    remark.target = "_parent";
    const small = page.createElement("small");
    small.append(remark);
    statement.append(" ", small);
  }
}

const frame = document.querySelector("iframe.whole-page");
if (frame) {
  const isThere = () => frame.contentDocument?.readyState === "complete" && frame.contentWindow.location.href !== "about:blank";
  if (isThere()) lead(frame.contentDocument);
  else frame.addEventListener("load", () => lead(frame.contentDocument), { once: true });
}
