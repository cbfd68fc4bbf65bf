/* Once a topic is chosen, its published statements can be chosen from a list. Without this script
   the name of a statement is typed, and checked when the form is sent. */

{
  const LONGEST = 110;

  function option(value, label, chosen) {
    const shown = label.length > LONGEST ? `${label.slice(0, LONGEST)}…` : label;
    return new Option(shown, value, value === chosen, value === chosen);
  }

  function list(statements, chosen) {
    const select = document.createElement("select");
    select.append(option("", "The topic as a whole", chosen));
    let group = null;
    for (const { anchor, heading, text } of statements) {
      if (group?.label !== heading) {
        group = document.createElement("optgroup");
        group.label = heading;
        select.append(group);
      }
      group.append(option(anchor, text, chosen));
    }
    if (chosen && !statements.some(({ anchor }) => anchor === chosen)) {
      select.append(option(chosen, `#${chosen} (not among them)`, chosen));
    }
    return select;
  }

  /** Put one field in the place of another: the label and the form know it by the same name. */
  function replace(old, field) {
    field.id = old.id;
    field.name = old.name;
    if (old.getAttribute("aria-describedby")) {
      field.setAttribute("aria-describedby", old.getAttribute("aria-describedby"));
    }
    old.replaceWith(field);
  }

  async function offer(topic, input) {
    const now = () => document.getElementById(input.id);
    const chosen = now().value;
    const asked = topic.value;
    let statements = [];
    try {
      const address = `${input.dataset.statements}?topic=${encodeURIComponent(asked)}`;
      if (asked) statements = (await (await fetch(address)).json()).statements;
    } catch {
      // The name can still be typed.
    }
    // Another topic was chosen meanwhile.
    if (topic.value !== asked) return;
    if (statements.length) {
      replace(now(), list(statements, chosen));
      const help = document.querySelector(`#${input.id}_helptext div`);
      if (help) help.textContent = "What comes first: the topic, or one of its statements.";
    } else if (now() !== input) {
      input.value = "";
      replace(now(), input);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const topic = document.getElementById("id_topic");
    const input = document.querySelector("[data-statements]");
    if (!topic || !input) return;
    let chosen = topic.value;
    offer(topic, input);
    // The field of topics tells of its changes by jQuery alone, and of one that is none as the page
    // opens. Another topic has other statements.
    django.jQuery(topic).on("change", () => {
      if (topic.value === chosen) return;
      chosen = topic.value;
      document.getElementById(input.id).value = "";
      offer(topic, input);
    });
  });
}
