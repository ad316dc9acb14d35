// The API's description as a page: our own copy of Swagger UI, our own schema, nothing from elsewhere.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  const root = document.documentElement;
  const follow = () => root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
  new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
  follow();
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.schema,
    docExpansion: "none",
    deepLinking: true,
    filter: true,
    validatorUrl: null,
    persistAuthorization: false,
    requestInterceptor: (request) => {
      request.credentials = request.loadSpec ? "same-origin" : "omit"; // what is tried is tried with the token alone
      return request;
    },
  });
});
