// Small comforts on every page. Nothing here is needed: all pages work without it.

(() => {
  "use strict";

  const menu = document.querySelector(".site-menu");

  // Escape closes the open menu; a press outside closes the one on a phone.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (menu && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    const entry = document.querySelector(".site-nav li:is(:hover, :focus-within)");
    if (entry) dismiss(entry);
  });

  document.addEventListener("click", (event) => {
    if (menu && menu.open && !menu.contains(event.target)) menu.open = false;
  });

  function dismiss(entry) {
    entry.classList.add("is-dismissed");
    const forget = () => entry.classList.remove("is-dismissed");
    entry.addEventListener("mouseleave", forget, { once: true });
    entry.addEventListener("focusout", forget, { once: true });
  }

  // Filters that are empty stay out of the address.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") return;
    const parameters = event.detail.formData;
    for (const name of [...parameters.keys()]) {
      if (parameters.getAll(name).every((value) => value === "")) parameters.delete(name);
    }
  });

  // A message that came without a new page is shown where the shopper is, for a while.
  let fading = 0;
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const { target } = event.detail;
    if (target.id !== "messages") return;
    target.classList.add("is-fresh");
    clearTimeout(fading);
    fading = setTimeout(() => target.classList.remove("is-fresh"), 8000);
  });

  // A refusal whose page says why right at the form is swapped in like any other answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = event.detail;
    if (![409, 422].includes(xhr.status) || !requestConfig.elt.matches("[data-swap-refusal]")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  // What cannot be swapped in (an error page, a login page) is opened as the page that it is.
  // A suggestion that fails is none: whoever types goes on typing.
  document.addEventListener("htmx:responseError", (event) => {
    const { elt, requestConfig } = event.detail;
    if (elt.matches("[data-suggests]")) return;
    if (requestConfig.verb === "get") window.location.assign(event.detail.pathInfo.finalRequestPath);
    else if (elt instanceof HTMLFormElement) elt.submit();
  });
})();
