// Keeps what is typed while it is not saved, in this tab and for this person only; saves it by itself; and when the
// connection is lost, tries again until it is back. Without this, each page is saved by its button.
const PREFIX = "refer:";
const PAUSE = 4000;
const RETRY = 3000;
const SLOW = 1000;
const form = document.querySelector("form[data-refer]");

if (document.querySelector("script[data-sent]")) forget(() => true);
if (form) begin();

function forget(which) {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX) && which(name)) sessionStorage.removeItem(name);
  }
}

function begin() {
  const { who } = form.dataset;
  forget((name) => !name.startsWith(PREFIX + who)); // somebody else's, who was here before
  const key = `${PREFIX + who}:${location.pathname}`;
  const status = form.querySelector("[data-kept]");
  const base = form.elements.base;
  let timer = 0;
  let sending = false;
  let unanswered = null;
  let turn = Promise.resolve();
  let last = "";
  let kept = 0;

  function fields(submitter) {
    const data = new FormData(form, submitter);
    return [...data].filter(([name]) => name !== "csrf");
  }

  function typed() {
    return JSON.stringify(fields().filter(([name]) => name !== "base"));
  }

  // Sealed: whoever finds the tab cannot read it.
  async function keep() {
    const { seal } = globalThis.roundtable;
    const turn = (kept += 1);
    const sealed = seal && (await seal({ base: base.value, fields: fields() }));
    if (sealed && turn === kept) sessionStorage.setItem(key, sealed);
  }

  function drop() {
    kept += 1;
    sessionStorage.removeItem(key);
  }

  function say(words, waiting = false) {
    status.textContent = words;
    status.classList.toggle("rt-kept--waiting", waiting);
  }

  async function restore() {
    const sealed = sessionStorage.getItem(key);
    const opened = sealed && (await globalThis.roundtable.open(sealed));
    if (!opened) return;
    const { base: old, fields: found } = opened;
    const all = new Map();
    for (const [name, value] of found) all.set(name, [...(all.get(name) ?? []), value]);
    let changed = false;
    for (const element of form.elements) {
      if (!element.name || element.type === "hidden" || element.type === "submit") continue;
      const values = all.get(element.name) ?? [];
      if (element.type === "radio" || element.type === "checkbox") {
        const on = values.includes(element.value);
        changed ||= on !== element.checked;
        element.checked = on;
      } else if (all.has(element.name) && element.value !== values[0]) {
        element.value = values[0];
        element.closest("details")?.setAttribute("open", "");
        changed = true;
      }
    }
    if (!changed) {
      drop();
      return;
    }
    base.value = old; // so that what another window has saved meanwhile is not written over unseen
    say("What you typed here before is back. It is not saved yet.", true);
    dispatchEvent(new Event("refer:restored"));
    wait(PAUSE);
  }

  function wait(time) {
    clearTimeout(timer);
    timer = setTimeout(saveQuietly, time);
  }

  function body(submitter) {
    const sent = new URLSearchParams(fields(submitter));
    sent.set("csrf", form.elements.csrf.value);
    if (!submitter) sent.set("keep", "yes");
    return sent.toString();
  }

  // Raises an error when nobody answered. What was sent is then sent again before anything else: it may have arrived.
  async function attempt(text) {
    unanswered = text;
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: text,
    });
    if (answer.status >= 500) throw new Error("not answered");
    unanswered = null;
    const told = answer.ok ? await answer.json() : {};
    if (told.base) base.value = told.base;
    return { status: answer.status, to: told.to };
  }

  // One at a time: each says which answers it was made from, and those are what the one before it left.
  function inTurn(work) {
    turn = turn.then(work, work);
    return turn;
  }

  function saveQuietly() {
    clearTimeout(timer);
    if (!sending) inTurn(savingQuietly);
  }

  async function savingQuietly() {
    const now = typed();
    if (sending || now === last) return;
    let answer;
    try {
      if (unanswered) await attempt(unanswered);
      answer = await attempt(body());
    } catch {
      lost(saveQuietly);
      return;
    }
    if (answer.status === 200) {
      last = now;
      if (typed() === now) {
        drop();
        say("Saved.");
      } else wait(PAUSE);
    } else if (answer.status === 401) signIn();
    else say(""); // something needs mending: the button says what
  }

  function lost(again) {
    say("No connection. What you typed is kept in this tab. Trying again…", true);
    clearTimeout(timer);
    timer = setTimeout(again, RETRY);
  }

  function signIn() {
    sending = false;
    say("You are signed out. What you typed is kept in this tab. ", true);
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Sign in to save it";
    status.append(link);
  }

  function send(submitter) {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    timer = setTimeout(() => sending && say("Working…"), SLOW);
    keep();
    inTurn(() => sendingOn(submitter));
  }

  async function sendingOn(submitter) {
    let answer;
    try {
      if (unanswered) await attempt(unanswered);
      answer = await attempt(body(submitter ?? form.querySelector("button:not([name])")));
    } catch {
      lost(() => inTurn(() => sendingOn(submitter)));
      return;
    }
    if (answer.status === 200) {
      drop();
      last = typed();
      location.assign(answer.to);
    } else if (answer.status === 401) signIn();
    else {
      if (submitter?.name) {
        const hidden = document.createElement("input");
        hidden.type = "hidden";
        hidden.name = submitter.name;
        hidden.value = submitter.value;
        form.append(hidden);
      }
      form.submit(); // to be shown what is wrong
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter);
  });
  form.addEventListener("input", () => {
    keep();
    say("");
    if (!sending) wait(PAUSE);
  });
  addEventListener("online", () => {
    if (!sending && timer) saveQuietly();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !sending && sessionStorage.getItem(key)) saveQuietly();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // it was left behind: what it shows may be old
  });
  last = typed();
  if (form.dataset.refer === "kept") restore().catch(() => {}); // kept for the next time
  else keep();
}
