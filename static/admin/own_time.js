/* Times of the portal are in UTC. Whoever sees them elsewhere reads their own beside them. */

{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const told = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });

  function inWords(moment) {
    return `${told.format(moment)} in your own time (${zone})`;
  }

  /** A time that is shown: the own one behind it, if it is another. */
  function tellBeside(time) {
    const moment = new Date(time.dateTime);
    if (moment.getTimezoneOffset()) time.after(`, ${inWords(moment)}`);
  }

  /** A time that is being chosen: what it is in UTC, and in the own time. */
  function tellBelow(field) {
    const words = document.createElement("p");
    words.className = "help";
    words.setAttribute("role", "status");
    field.after(words);
    function tell() {
      const moment = new Date(`${field.value}Z`);
      words.textContent = field.value && !Number.isNaN(moment.getTime())
        ? `That is ${field.value.replace("T", ", ")} UTC: ${inWords(moment)}.` : "";
    }
    field.addEventListener("input", tell);
    tell();
  }

  document.querySelectorAll("time[data-own-time]").forEach(tellBeside);
  document.querySelectorAll("input[data-own-time=UTC]").forEach(tellBelow);
}
