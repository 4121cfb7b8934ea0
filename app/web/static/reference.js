// Draws the reference. The token typed into it stays in this page's memory and is gone when the page is.
"use strict";
const place = document.getElementById("reference");
window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.openapi,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
