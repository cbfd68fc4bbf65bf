/* A button that copies a link which is shown only once. Without this script it is copied by hand. */

for (const field of document.querySelectorAll("input[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  button.textContent = "Copy the link";
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  told.className = "help";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      told.textContent = " Copied.";
    } catch {
      field.select();
      told.textContent = " It could not be copied. It is selected: copy it by keyboard.";
    }
  });
  field.after(button, told);
}
