// Counts the answers as they are given, and shows markers that need several of them. Without it each save counts.
const form = document.getElementById("questions");
const line = form.querySelector("[data-score]");
const of = Number(form.dataset.of);
const high = Number(form.dataset.high) || Infinity;
const heard = form.querySelector("[data-heard]");
let told = "";
let before = new Set();

function said(value) {
  return form.querySelectorAll(`input[type="radio"][value="${value}"]:checked`);
}

function count() {
  const yes = said("yes").length;
  const open = of - yes - said("no").length;
  const parts = [[`Score ${yes}`, true], [` of ${of}.`]];
  if (open) parts.push([` ${open} not answered: could reach ${yes + open}.`]);
  if (yes >= high) parts.push([" High risk by the score.", true]);
  const on = new Set();
  for (const marker of form.querySelectorAll(".rt-critical")) {
    const own = marker.closest(".rt-question").querySelector("input").name.slice(1);
    const needs = (marker.dataset.needs ?? own).split(" ");
    const raised = needs.every((n) => form.querySelector(`input[name="q${n}"][value="yes"]`).checked);
    marker.classList.toggle("rt-critical--on", raised);
    if (raised) on.add(marker.dataset.label);
  }
  if (on.size) parts.push([` Critical markers: ${on.size}.`, true]);
  const fresh = [...on].filter((label) => !before.has(label));
  if (fresh.length) heard.textContent = `${fresh.join(", ")}: critical, whatever the score. What to do tonight is below.`;
  before = on;
  const text = parts.map(([words]) => words).join("");
  if (text === told) return;
  told = text;
  line.replaceChildren(
    ...parts.map(([words, strong]) => {
      const part = document.createElement(strong ? "b" : "span");
      part.textContent = words;
      return part;
    }),
  );
}

form.addEventListener("change", count);
addEventListener("refer:restored", count);
count();
heard.textContent = ""; // what was there when the page came is read with it
