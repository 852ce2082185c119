// What the pages do beyond HTML and htmx. Nothing here is needed to work with them: every act
// has a link or a form that does the same without JavaScript.
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const on = (event, act) => document.addEventListener(event, act);

  // Messages: they stay until dismissed, three at the most, never the same twice.
  const region = one("#toasts");

  function toast(message, kind = "bad") {
    if (!region || !message || [...region.querySelectorAll("p")].some((p) => p.textContent === message)) return;
    const box = document.createElement("div");
    const words = document.createElement("p");
    const dismiss = document.createElement("button");
    box.className = `toast toast-${kind}`;
    words.textContent = message;
    dismiss.type = "button";
    dismiss.className = "quiet square";
    dismiss.dataset.dismiss = "";
    dismiss.setAttribute("aria-label", "Dismiss");
    dismiss.textContent = "×";
    box.append(words, dismiss);
    region.append(box);
  }

  if (region) {
    new MutationObserver(() => {
      while (region.childElementCount > 3) region.firstElementChild.remove();
    }).observe(region, { childList: true });
  }
  on("toast", (event) => toast(event.detail.message, event.detail.kind ?? "ok")); // HX-Trigger: {"toast": {"message": …}}

  // Requests that went wrong keep the page as it is; 409 and 422 are pages of their own.
  on("htmx:response:error", ({ detail: { ctx } }) => {
    const { status, headers } = ctx.response;
    if (status === 401 || status === 409 || status === 422 || headers.has("HX-Redirect")) return;
    const page = new DOMParser().parseFromString(ctx.text ?? "", "text/html");
    if (one("hx-partial", page)) return; // it brings its own message
    const said = [one("main h1", page), one("main h1 + p", page)].filter(Boolean).map((part) => part.textContent.trim());
    toast(said.join(". ") || "Something went wrong on our side. Nothing you typed is lost.");
  });

  // The network: told once, in the page; taken back by the first answer.
  function offline(away) {
    const banner = one("#offline");
    root.toggleAttribute("data-offline", away);
    if (banner) banner.hidden = !away;
  }
  addEventListener("offline", () => offline(true));
  addEventListener("online", () => offline(false));
  on("htmx:after:request", () => offline(false));
  on("htmx:error", ({ detail: { ctx } }) => {
    if (ctx && !ctx.response && !ctx.sourceElement.matches("[data-draft], [data-discard]")) offline(true);
  });

  // hx-confirm asks with our dialog. One of the two answers must be given, or the element stays blocked.
  on("htmx:confirm", (event) => {
    const dialog = one("#confirm");
    const { ctx, issueRequest, dropRequest } = event.detail;
    if (!dialog?.showModal) return;
    event.preventDefault();
    one("h2", dialog).textContent = ctx.confirm;
    const source = ctx.sourceElement;
    const act = source.matches("form") ? one("[type=submit]", source) : source;
    one("[data-act]", dialog).textContent = act?.textContent.trim() || "Go on";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => (dialog.returnValue === "yes" ? issueRequest : dropRequest)(), { once: true });
    dialog.showModal();
  });

  // Focus never falls to the body: when a swap took the focused element away, its heading gets it.
  let held = null;
  on("htmx:before:swap", () => {
    held = document.activeElement;
  });
  on("htmx:after:swap", ({ detail: { ctx } }) => {
    if (!held || held === document.body || held.isConnected || document.activeElement !== document.body) return;
    const target = ctx.target?.isConnected ? ctx.target : document.getElementById(ctx.target?.id) ?? one("main");
    const next = one("[autofocus], [data-focus], h1, h2", target);
    if (!next) return;
    if (next.tabIndex < 0) next.tabIndex = -1;
    next.focus();
  });

  // Two keys with a modifier, because barcode scanners type all the others.
  on("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const form = event.target.closest?.("form[data-guard]");
    if (event.key === "Enter" && form) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key.toLowerCase() === "k") {
      const box = one("main input[type=search]");
      const home = one("a[data-home]");
      if (!box && !home) return;
      event.preventDefault();
      if (!box) location.href = `${home.href}#q`;
      box?.focus();
      box?.select();
    }
  });

  on("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if ("dismiss" in button.dataset) {
      button.closest(".toast, .notice")?.remove();
      one("main")?.focus({ preventScroll: true });
    }
    if ("close" in button.dataset) button.closest("dialog").close();
    const copied = document.getElementById(button.dataset.copy ?? "");
    if (copied) {
      copied.select();
      navigator.clipboard?.writeText(copied.value).then(() => (button.textContent = "Copied"), () => {});
    }
    const field = document.getElementById(button.dataset.reveal ?? "");
    if (field) {
      const hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      button.textContent = hidden ? "Hide" : "Show";
    }
  });
  for (const button of document.querySelectorAll("button:is([data-reveal], [data-copy])")) button.hidden = false;
})();

// What the screen says stays true: messages that follow a badge, the question of an act, the time zone of the shop.
(() => {
  const one = (selector) => document.querySelector(selector);

  // A message about a customer takes the place of an earlier one, and goes when it has been read.
  const region = one("#toasts");
  if (region) {
    new MutationObserver((changes) => {
      for (const { id } of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
        if (id) [...region.querySelectorAll(`[id="${id}"]`)].slice(0, -1).forEach((earlier) => earlier.remove());
      }
    }).observe(region, { childList: true });
  }
  document.addEventListener("animationend", ({ animationName, target }) => {
    if (animationName === "toast-passing") target.remove();
  });

  // The answer that changes nothing, in words of its own where the act is called Cancel itself.
  document.addEventListener("htmx:confirm", ({ detail: { ctx } }) => {
    const stay = one("#confirm [value=no]");
    if (stay) stay.textContent = ctx.sourceElement.dataset.stay ?? "Cancel";
  });

  // Times before a connection: the first sign-in says which time zone the shop is in.
  const zone = one("input[data-timezone]");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
})();
