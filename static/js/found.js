/* Tells the portal that a result was followed: the words that were searched for, and nothing else.
   Editors see from that which searches help. Without this script nothing is missing. */

const found = document.querySelector("[data-chosen]");

function tell(event) {
  // Buttons: the main one and the middle one open a link.
  if (event.button > 1 || !event.target.closest("a")) return;
  navigator.sendBeacon(found.dataset.chosen, found.dataset.asked);
}

if (found && navigator.sendBeacon) {
  found.addEventListener("click", tell);
  found.addEventListener("auxclick", tell);
}
