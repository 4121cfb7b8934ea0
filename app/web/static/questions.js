// Counts the answers as they are given, and shows markers that need several of them. Without it each save counts.
const form = document.getElementById("questions");
const line = form.querySelector("[data-score]");
const of = Number(form.dataset.of);
const high = Number(form.dataset.high) || Infinity;
let told = "";

function said(value) {
  return form.querySelectorAll(`input[type="radio"][value="${value}"]:checked`);
}

function count() {
  const yes = said("yes").length;
  const open = of - yes - said("no").length;
  const parts = [[`Score ${yes}`, true], [` of ${of}.`]];
  if (open) parts.push([` ${open} not answered: could reach ${yes + open}.`]);
  if (yes >= high) parts.push([" High risk by the score.", true]);
  const shown = [];
  for (const marker of form.querySelectorAll(".rt-marker")) {
    const own = marker.closest(".rt-question").querySelector("input").name.slice(1);
    const needs = (marker.dataset.needs ?? own).split(" ");
    const on = needs.every((n) => form.querySelector(`input[name="q${n}"][value="yes"]`).checked);
    marker.classList.toggle("rt-marker--on", on);
    if (on && !shown.includes(marker.dataset.label)) shown.push(marker.dataset.label);
  }
  if (shown.length) parts.push([` Critical: ${shown.join(", ")}.`, true]);
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
