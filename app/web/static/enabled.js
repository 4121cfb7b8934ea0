// Before anything is drawn: components that need JavaScript may show what needs it.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
