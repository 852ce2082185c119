// What pages do beyond HTML and htmx. Everything works without it.
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const on = (event, act) => document.addEventListener(event, act);

  // Messages: three at most, never the same twice; one about a customer takes the place of an earlier one.
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
    new MutationObserver((changes) => {
      for (const { id } of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
        if (id) [...region.querySelectorAll(`[id="${id}"]`)].slice(0, -1).forEach((earlier) => earlier.remove());
      }
      while (region.childElementCount > 3) region.firstElementChild.remove();
    }).observe(region, { childList: true });
  }
  on("toast", (event) => toast(event.detail.message, event.detail.kind ?? "ok"));

  // A failed request keeps the page; 409 and 422 are pages of their own.
  on("htmx:response:error", ({ detail: { ctx } }) => {
    const { status, headers } = ctx.response;
    if (status === 401 || status === 409 || status === 422 || headers.has("HX-Redirect")) return;
    const page = new DOMParser().parseFromString(ctx.text ?? "", "text/html");
    if (one("hx-partial", page)) return; // it brings its own message
    const said = [one("main h1", page), one("main h1 + p", page)].filter(Boolean).map((part) => part.textContent.trim());
    toast(said.join(". ") || "Something went wrong on our side. Nothing you typed is lost.");
  });

  // The network: the banner goes with the first answer.
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

  // hx-confirm asks with our dialog. Without an answer the element stays blocked.
  on("htmx:confirm", (event) => {
    const dialog = one("#confirm");
    const { ctx, issueRequest, dropRequest } = event.detail;
    if (!dialog?.showModal) return;
    event.preventDefault();
    one("h2", dialog).textContent = ctx.confirm;
    const source = ctx.sourceElement;
    const act = source.matches("form") ? one("[type=submit]", source) : source;
    one("[data-act]", dialog).textContent = act.textContent.trim() || act.ariaLabel;
    one("[value=no]", dialog).textContent = source.dataset.stay ?? "Cancel";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => (dialog.returnValue === "yes" ? issueRequest : dropRequest)(), { once: true });
    dialog.showModal();
  });

  // When a swap removes the focused element, its heading gets the focus.
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

  // Keys with a modifier: barcode scanners type the others.
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

  // A message that goes when it has been read.
  on("animationend", ({ animationName, target }) => {
    if (animationName === "toast-passing") target.remove();
  });

  // The first sign-in tells the shop's time zone.
  const zone = one("input[data-timezone]");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
})();
