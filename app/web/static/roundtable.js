// What was typed and not saved stays in its tab, and not when its writer signs out.
document.querySelector('form[action="/sign-out"]')?.addEventListener("submit", () => sessionStorage.clear());
// GOV.UK Frontend's behaviour on every page. Pages work without it; it moves focus to what went wrong, and the like.
const { initAll } = await import(document.querySelector("script[data-frontend]").dataset.frontend);
initAll();
