// Shows /openapi.json with Swagger UI. Trying a call out uses the session of this browser, with its CSRF token.
"use strict";

const signedIn = fetch("/api/v1/auth/me", { headers: { Accept: "application/json" } })
  .then((answer) => (answer.ok ? answer.json() : { csrf_token: "" }))
  .catch(() => ({ csrf_token: "" }));

window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  requestInterceptor: async (request) => {
    const me = await signedIn;
    if (me.csrf_token) {
      request.headers["X-CSRF-Token"] = me.csrf_token;
    }
    return request;
  },
});
