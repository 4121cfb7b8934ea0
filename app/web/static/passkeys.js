// Passkeys: has the browser show or make one, and hands on what it says. What that is worth, the service judges.

const decoded = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const encoded = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const UNFIT = "This device cannot make a passkey that checks that it is you. Use another device.";
const WORDS = {
  NotAllowedError:
    "No passkey was used. It was cancelled, it took too long, or there is none here. Try again, or choose another way.",
  InvalidStateError: "This device already has a passkey for you. Use that one, or add one on another device.",
  NotSupportedError: UNFIT,
  ConstraintError: UNFIT,
  SecurityError: "Passkeys do not work at this address. Open Roundtable by its usual name.",
  TypeError: "Roundtable could not be reached. Check that you are online, then try again.",
};
const UNABLE = "This browser cannot use passkeys. Use another browser, or choose another way.";
const OTHERWISE = "Your browser could not use a passkey. Try again, or choose another way.";
class Refused extends Error {} // by the service, in a sentence of its own

class Block {
  constructor(element) {
    this.element = element;
    this.button = element.querySelector("[data-passkey-button]");
    this.problem = element.querySelector("[data-passkey-problem]");
    this.begun = Promise.resolve();
  }

  start() {
    this.element.querySelector("[data-passkey-without]").hidden = true;
    if (!window.PublicKeyCredential) return this.say(UNABLE);
    this.element.querySelector("[data-passkey-with]").hidden = false;
    this.button.addEventListener("click", () => this.press());
    this.offer();
  }

  async press() {
    this.say("");
    try {
      await this.run();
    } catch (error) {
      if (error.name === "AbortError") return; // pressed again meanwhile
      this.say(error instanceof Refused ? error.message : (WORDS[error.name] ?? OTHERWISE));
      this.offer();
    }
  }

  // Where the browser can, it offers passkeys in the field for the email address, and nobody need press anything.
  async offer() {
    if (!("passkeyAutofill" in this.element.dataset)) return;
    if (!(await window.PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    try {
      await this.run("conditional");
    } catch (error) {
      if (error instanceof Refused) this.say(error.message);
    }
  }

  async run(mediation) {
    this.controller?.abort();
    const controller = (this.controller = new AbortController());
    const begin = () => this.send(this.element.dataset.passkeyBegin, {});
    // One after the other: the cookie is that of the last to be answered.
    const options = await (this.begun = this.begun.then(begin, begin));
    const answer = await (this.element.dataset.passkey === "make"
      ? made(options, controller.signal)
      : shown(options, controller.signal, mediation));
    const name = this.element.querySelector("[data-passkey-name]");
    const { to } = await this.send(this.element.dataset.passkeyFinish, name ? { ...answer, name: name.value } : answer);
    window.location.assign(to);
  }

  async send(path, body) {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this.element.dataset.csrf },
      body: JSON.stringify(body),
    });
    const found = await answer.json().catch(() => ({}));
    if (answer.ok) return found;
    throw new Refused(found.errors?.[0]?.message ?? found.detail ?? OTHERWISE);
  }

  say(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = !sentence;
  }
}

const known = (list) => list.map((each) => ({ ...each, id: decoded(each.id) }));

async function shown(options, signal, mediation) {
  const { challenge, allowCredentials } = options;
  const publicKey = { ...options, challenge: decoded(challenge), allowCredentials: known(allowCredentials) };
  const { rawId, response } = await navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) });
  return {
    credential_id: encoded(rawId),
    client_data: encoded(response.clientDataJSON),
    authenticator_data: encoded(response.authenticatorData),
    signature: encoded(response.signature),
    user_handle: response.userHandle ? encoded(response.userHandle) : null,
  };
}

async function made(options, signal) {
  const publicKey = {
    ...options,
    challenge: decoded(options.challenge),
    user: { ...options.user, id: decoded(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
  };
  const { response } = await navigator.credentials.create({ publicKey, signal });
  return {
    client_data: encoded(response.clientDataJSON),
    attestation: encoded(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  };
}

for (const element of document.querySelectorAll("[data-passkey]")) new Block(element).start();
