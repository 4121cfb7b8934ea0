// GOV.UK Frontend's behaviour on every page. Pages work without it; it moves focus to what went wrong, and the like.
const { initAll } = await import(document.querySelector("script[data-frontend]").dataset.frontend);
initAll();
