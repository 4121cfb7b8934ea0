// Leaves at once for a page that says nothing: by the button, or by pressing Shift three times. What was here is hidden
// before the other page has come, and going back does not lead here. Without this, the button is a link.
const PRESSES = 3;
const SOON = 5000;
const button = document.querySelector("[data-exit]");
const status = document.createElement("p");
status.className = "govuk-visually-hidden";
status.setAttribute("role", "status");
let pressed = 0;
let timer = 0;

function leave() {
  document.title = "Loading";
  document.body.hidden = true;
  document.body.replaceChildren();
  location.replace(button.href);
}

button.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

addEventListener("keydown", (event) => {
  if (event.repeat) return;
  if (event.key !== "Shift") {
    pressed = 0;
    return;
  }
  pressed += 1;
  if (!status.isConnected) button.after(status); // there before it says anything, or nobody would hear it
  clearTimeout(timer);
  timer = setTimeout(() => {
    pressed = 0;
    status.textContent = "";
  }, SOON);
  if (pressed === PRESSES) leave();
});
addEventListener("keyup", (event) => {
  if (event.key !== "Shift" || !pressed) return;
  const left = PRESSES - pressed;
  status.textContent = left === 1 ? "Shift, press 1 more time to exit." : `Shift, press ${left} more times to exit.`;
});
