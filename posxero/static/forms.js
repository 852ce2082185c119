// Forms with unsaved changes: drafts of them, what is asked before they are left, and signing in again
// to save. Nothing of what was typed is stored in the browser.
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const on = (event, act) => document.addEventListener(event, act);
  const say = (message) => document.dispatchEvent(new CustomEvent("toast", { detail: { message, kind: "bad" } }));

  // #contact-form has two hidden forms beside it, which htmx sends: one keeps a draft on
  // the server, one discards it. What becomes of them is never told: the page holds the text all the same.
  const QUIET = "[data-draft], [data-discard]";
  const unsaved = () => one("form[data-dirty]");
  const beside = (form, selector) => (form.id === "contact-form" ? one(selector, form.parentElement) : null);

  on("input", (event) => {
    const form = event.target.closest?.("form[data-guard]");
    if (!form) return;
    form.toggleAttribute("data-dirty", true);
    beside(form, "[data-draft]")?.toggleAttribute("data-unsent", true);
  });
  on("submit", ({ target: form }) => form.removeAttribute("data-dirty"));

  // The browser would send half a date as none.
  document.addEventListener("submit", (event) => {
    const half = [...event.target].find((field) => field.validity?.badInput);
    if (!half) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    half.closest("details")?.toggleAttribute("open", true);
    half.reportValidity();
  }, true);

  function notSaved(element) {
    const form = element?.closest?.("form[data-guard]");
    form?.toggleAttribute("data-dirty", true);
    if (form) keepDraft(form);
  }
  const keepDraft = (form) => beside(form, "[data-draft]")?.dispatchEvent(new Event("keep"));
  const keepUnsent = () => one("[data-draft][data-unsent]")?.dispatchEvent(new Event("keep"));
  addEventListener("online", keepUnsent);
  on("visibilitychange", () => document.hidden && keepUnsent()); // closing, too: the request outlives the page

  on("htmx:before:request", (event) => {
    const { sourceElement: draft } = event.detail.ctx;
    if (!draft.matches("[data-draft]")) return;
    if (navigator.onLine && one("#contact-form[data-dirty]")) draft.removeAttribute("data-unsent");
    else event.preventDefault();
  });
  on("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement.matches(QUIET) && !ctx.response.raw.ok) event.preventDefault();
  });

  on("htmx:finally:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches("[data-draft]") && !ctx.response?.raw.ok) ctx.sourceElement.toggleAttribute("data-unsent", true);
  });

  // Tells whether the server has done what a hidden form asks for; it is waited for 3 s.
  const sent = (form, act) => new Promise((done) => {
    if (!form || !navigator.onLine) return done(false);
    form.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => done(Boolean(ctx.response?.raw.ok)), { once: true });
    setTimeout(() => done(false), 3000);
    form.dispatchEvent(new Event(act));
  });

  // Asks before a form is left, in a dialog where the browser lets a page do that.
  function askToLeave(form, leave) {
    const dialog = one("#leave");
    if (dialog.open) return;
    const drafted = navigator.onLine && beside(form, "[data-draft]");
    for (const part of dialog.querySelectorAll(".kept")) part.hidden = !drafted;
    for (const part of dialog.querySelectorAll(".lost")) part.hidden = drafted;
    dialog.returnValue = "stay";
    dialog.addEventListener("close", async () => {
      const choice = dialog.returnValue;
      if (choice === "stay") return;
      const done = await sent(beside(form, choice === "keep" ? "[data-draft]" : "[data-discard]"), choice);
      if (choice === "keep" && !done) return say("Your draft couldn't be saved, so this page stayed open.");
      form.removeAttribute("data-dirty");
      leave();
    }, { once: true });
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const form = unsaved();
    if (!form || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target || !link.protocol.startsWith("http") || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    askToLeave(form, () => link.click());
  }, true);

  // Back and Forward within the page: htmx would swap the form away.
  window.navigation?.addEventListener("navigate", (event) => {
    const form = unsaved();
    if (!form || event.navigationType !== "traverse" || !event.cancelable) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { key } = event.destination;
    askToLeave(form, () => navigation.traverseTo(key));
  });
  on("htmx:before:history:restore", (event) => {
    const form = unsaved();
    if (!form) return;
    event.preventDefault(); // where the browser does not let a page stop it: the address is put back
    history.pushState({ htmx: true }, "", form.action);
    askToLeave(form, () => history.back());
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted && one("#contact-form")) location.reload(); // what it shows was left, maybe by somebody else
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved()) event.preventDefault();
  });

  // A save that met an ended sign-in: the answer is a dialog, and after it the same press saves.
  let unsent = null;
  on("htmx:response:error", ({ detail: { ctx } }) => {
    const { sourceElement: form, request, response } = ctx;
    if (response.status === 409 || response.status === 422 || response.headers.has("HX-Redirect")) return;
    if (response.status === 401 && form.matches("[data-guard]")) unsent = { form, submitter: request.submitter };
    notSaved(form);
  });
  on("htmx:error", ({ detail: { ctx } }) => {
    if (ctx && !ctx.response) notSaved(ctx.sourceElement);
  });
  on("htmx:after:swap", () => {
    const dialog = one("dialog[data-open]:not([open])");
    dialog?.addEventListener("close", () => dialog.remove());
    dialog?.showModal();
  });
  function sendAgain(token) {
    for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token;
    one("#sign-in-again")?.close();
    unsent?.form.requestSubmit(unsent.submitter);
  }
  on("signed-in", (event) => sendAgain(event.detail.token));
  on("click", (event) => {
    const button = event.target.closest?.("[data-save]");
    if (button) sendAgain(button.dataset.save);
  });
})();
