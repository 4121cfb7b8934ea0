// A form that was sent is not sent again by a second press; and when the answer takes over a second, its button says
// that it is being worked on. Without this, the service itself takes two presses for one.
const SLOW = 1000;
const LOST = 20000;
let status = null;
let sent = null;

// There before it says anything, or nobody would hear it.
function listen() {
  status = document.createElement("p");
  status.className = "govuk-visually-hidden";
  status.setAttribute("role", "status");
  document.body.append(status);
}

function send(form, button) {
  if (!status) listen();
  const slow = setTimeout(() => {
    if (!button) return;
    sent.said = [...button.childNodes];
    button.style.setProperty("min-width", `${button.offsetWidth}px`);
    button.replaceChildren("Working…");
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-busy", "true");
    status.textContent = "Working…";
  }, SLOW);
  // Stopped by its sender, or lost on the way. Sent again it still is one press.
  const lost = setTimeout(() => {
    release();
    status.textContent = "There is no answer yet. You can press again: it is done once.";
  }, LOST);
  sent = { form, button, slow, lost, said: null };
}

function release() {
  if (!sent) return;
  const { button, slow, lost, said } = sent;
  sent = null;
  clearTimeout(slow);
  clearTimeout(lost);
  status.textContent = "";
  if (!said) return;
  button.replaceChildren(...said);
  button.style.removeProperty("min-width");
  button.removeAttribute("aria-disabled");
  button.removeAttribute("aria-busy");
}

// On the window, and so after whatever else on the page has a say in whether the form is sent.
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (sent) event.preventDefault();
  else send(event.target, event.submitter);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) release(); // somebody came back to it
});
