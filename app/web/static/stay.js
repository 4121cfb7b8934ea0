// While a page is open: covers it as soon as its session ends, and asks before somebody is signed out for doing nothing.
// One tab holds the connection, and tells the others; when it is closed, another takes over.
const { csrf } = document.querySelector("script[data-stay]").dataset;
const channel = new BroadcastChannel("roundtable-stay");
const soon = 121;
const LATE = 5000;
const LOOK = 15000;
const AWAY = 120000;
let dialog = null;
let going = false;
let over = Infinity;
let touched = Date.now();

channel.onmessage = ({ data }) => hear(data);

function hear(told) {
  if (told.ended) {
    leave();
    return;
  }
  over = Date.now() + told.left * 1000 + LATE;
  if (told.left <= soon) ask();
  else if (dialog) dialog.close();
}

function tell(told) {
  hear(told);
  channel.postMessage(told);
}

// What is typed is sealed from memory, when nothing of it can be read any more.
async function leave() {
  if (going) return;
  going = true;
  const kept = globalThis.roundtable.keep();
  const cover = document.createElement("p");
  cover.className = "govuk-body rt-covered";
  cover.textContent = "You are being signed out.";
  document.title = "Signed out – Roundtable";
  document.body.replaceChildren(cover);
  await kept.catch(() => {});
  location.replace(`/stay/ended?next=${encodeURIComponent(location.pathname)}`);
}

function ask() {
  if (dialog) return;
  dialog = document.createElement("dialog");
  dialog.className = "rt-stay";
  dialog.setAttribute("aria-labelledby", "stay-title");
  const title = document.createElement("h2");
  title.id = "stay-title";
  title.className = "govuk-heading-m";
  title.textContent = "You will be signed out soon";
  const words = document.createElement("p");
  words.className = "govuk-body";
  words.textContent = "You have done nothing here for a while. In less than 2 minutes you will be signed out. What you have typed and not sent is hidden until you sign in again in this tab.";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-!-margin-bottom-0";
  button.textContent = "Stay signed in";
  button.addEventListener("click", stay);
  dialog.addEventListener("cancel", stay);
  dialog.addEventListener("close", () => {
    dialog.remove();
    dialog = null;
  });
  dialog.append(title, words, button);
  document.body.append(dialog);
  dialog.showModal();
}

async function stay() {
  const answer = await fetch("/stay", {
    method: "POST",
    headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
  });
  if (answer.ok) tell(await answer.json());
  else if (answer.status === 401) leave();
  else location.reload(); // this page was opened under an older key: nothing on it could be sent any more
}

function connect() {
  const source = new EventSource("/stay");
  source.addEventListener("idle", ({ data }) => tell({ left: JSON.parse(data) }));
  source.addEventListener("ended", () => {
    source.close();
    tell({ ended: true });
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
  });
}

// Going elsewhere already, as by signing out here: the next page says what there is to say.
addEventListener("beforeunload", () => {
  going = true;
  setTimeout(() => (going = false), 3000);
});

// Without a connection nobody says that the session is over; it is, when its time is up. Whoever is there types on.
for (const each of ["keydown", "pointerdown"]) addEventListener(each, () => (touched = Date.now()), true);
setInterval(() => {
  if (Date.now() > over && Date.now() - touched > AWAY) leave();
}, LOOK);

if (navigator.locks) {
  navigator.locks.request("roundtable-stay", () => {
    connect();
    return new Promise(() => {});
  });
} else connect();
