// What was typed and not sent outlives being signed out, in this tab and for its writer alone: sealed under a key that
// this page holds in memory, and that the service gives again only to the same person, signed in.
const own = document.querySelector("script[data-salt]");
const { salt, csrf } = own.dataset;
const PREFIX = "typed:";
const subtle = globalThis.crypto?.subtle; // none where the page came over plain HTTP
const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (each) => String.fromCharCode(each)).join(""));
const key = subtle && imported(own.dataset.key);
delete own.dataset.key;

function imported(raw) {
  return subtle.importKey("raw", bytes(raw), "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function seal(value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await subtle.encrypt({ name: "AES-GCM", iv }, await key, new TextEncoder().encode(JSON.stringify(value)));
  return JSON.stringify({ salt, iv: text(iv), data: text(data) });
}

// Null if it is somebody else's. Raises an error when the service did not answer.
async function open(sealed) {
  const { salt: under, iv, data } = JSON.parse(sealed);
  const held = under === salt ? await key : await imported(await ask(under));
  try {
    const opened = await subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, held, bytes(data));
    return JSON.parse(new TextDecoder().decode(opened));
  } catch {
    return null;
  }
}

async function ask(under) {
  const answer = await fetch("/stay/typed", {
    method: "POST",
    headers: { "X-CSRF-Token": csrf, Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify({ salt: under }),
  });
  if (!answer.ok) throw new Error("not answered");
  return (await answer.json()).key;
}

function fields(form) {
  return [...form.elements].filter(
    (each) =>
      each.name &&
      !["hidden", "password", "submit", "button", "file", "fieldset"].includes(each.type) &&
      each.autocomplete !== "one-time-code",
  );
}

function ticks(each) {
  return each.type === "radio" || each.type === "checkbox";
}

function touched(each) {
  if (ticks(each)) return each.checked !== each.defaultChecked;
  if (each.options) return [...each.options].some((option) => option.selected !== option.defaultSelected);
  return each.value !== each.defaultValue;
}

// Those that save by themselves see to it themselves.
function forms() {
  return [...document.forms].filter((form) => !form.dataset.refer);
}

function typed() {
  return forms()
    .map((form) => [new URL(form.action).pathname, fields(form)])
    .filter(([, found]) => found.some(touched))
    .map(([path, found]) => [path, found.map((each) => [each.name, ticks(each) ? each.value : null, given(each)])]);
}

function given(each) {
  return ticks(each) ? each.checked : each.value;
}

async function keep() {
  const found = typed();
  if (subtle && found.length) sessionStorage.setItem(PREFIX + location.pathname, await seal(found));
}

async function restore() {
  const sealed = sessionStorage.getItem(PREFIX + location.pathname);
  if (!sealed || !subtle) return;
  const found = await open(sealed);
  sessionStorage.removeItem(PREFIX + location.pathname);
  for (const [path, values] of found ?? []) {
    const form = forms().find((each) => new URL(each.action).pathname === path);
    if (form) fill(form, values);
  }
}

function fill(form, values) {
  const left = fields(form);
  for (const [name, choice, value] of values) {
    const place = left.findIndex((each) => each.name === name && (choice === null || each.value === choice));
    if (place < 0) continue;
    const [each] = left.splice(place, 1);
    if (ticks(each)) each.checked = value;
    else each.value = value;
    if (touched(each)) each.closest("details")?.setAttribute("open", "");
    each.dispatchEvent(new Event(ticks(each) ? "click" : "input", { bubbles: true })); // what hangs on it shows itself
    each.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const said = document.createElement("div");
  said.className = "govuk-inset-text";
  said.setAttribute("role", "status");
  form.prepend(said);
  said.textContent = "What you typed before you were signed out is back. It is not sent yet.";
}

globalThis.roundtable = { seal: subtle && seal, open, keep };
restore().catch(() => {}); // kept for the next time that this page is opened
