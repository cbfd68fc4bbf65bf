/* Keeps a verdict that is being written while its writer adds a remark, which loads the page anew.
   It lives in this tab alone, and goes with the verdict. */

const form = document.querySelector("#verdict ~ form");
const revision = form?.elements.revision?.value;
const key = `verdict ${location.pathname} ${revision}`;
const texts = form ? [...form.querySelectorAll("textarea")] : [];
const verdicts = form ? [...form.querySelectorAll("[name=verdict]")] : [];

function keep() {
  const chosen = verdicts.find((verdict) => verdict.checked)?.value ?? "";
  const words = Object.fromEntries(texts.map((text) => [text.name, text.value]));
  sessionStorage.setItem(key, JSON.stringify({ chosen, words }));
}

function bringBack() {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept) return;
  for (const text of texts) text.value ||= kept.words[text.name] ?? "";
  if (verdicts.some((verdict) => verdict.checked)) return;
  for (const verdict of verdicts) verdict.checked = verdict.value === kept.chosen;
}

if (form) {
  bringBack();
  form.addEventListener("input", keep);
  form.addEventListener("submit", () => sessionStorage.removeItem(key));
}
