// Suggestions below the search field (a combobox: arrows, Enter, Escape), and filters that stay as they were opened.
// Without it the field simply searches and the filter is a form.

(() => {
  "use strict";

  for (const field of document.querySelectorAll("[data-suggests]")) combobox(field);

  function combobox(field) {
    const list = document.getElementById(`${field.id}-suggestions`);
    let options = [];
    let active = -1;
    let typed = field.value;

    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    close();

    list.addEventListener("htmx:afterSwap", () => {
      options = [...list.querySelectorAll("[role=option]")];
      options.forEach((option, number) => (option.id = `${list.id}-${number}`));
      mark(-1);
      if (options.length && document.activeElement === field) open();
      else close();
    });

    // An answer that comes after the field was left or searched is none any more.
    list.addEventListener("htmx:beforeSwap", (event) => {
      if (document.activeElement !== field) event.detail.shouldSwap = false;
    });

    field.addEventListener("input", () => (typed = field.value));
    field.addEventListener("focus", () => {
      if (options.length && field.value === typed && typed) open();
    });

    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!options.length) return;
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (list.hidden) open();
        mark(((active + 1 + step + options.length + 1) % (options.length + 1)) - 1);
      } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
        event.preventDefault();
        options[active].click();
      }
    });

    // A press on an option follows its link; the field keeps the focus until then.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    field.addEventListener("blur", close);

    function mark(number) {
      options[active]?.setAttribute("aria-selected", "false");
      active = number;
      const option = options[active];
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) field.setAttribute("aria-activedescendant", option.id);
      else field.removeAttribute("aria-activedescendant");
    }

    function open() {
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
    }

    function close() {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      mark(-1);
    }
  }

  // New facets come with every answer: what was opened with "Show more" stays open.
  let opened = [];
  document.addEventListener("htmx:beforeSwap", () => {
    opened = [...document.querySelectorAll("#facets details[open]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  });

  // Whoever narrows the list down after reading far into it goes on at the first of the new products.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "results") return;
    if (event.target.getBoundingClientRect().top < 0) event.target.scrollIntoView();
    // How many there are now is said to those who do not see it: only a place that stays where it is gets read out.
    document.getElementById("said").textContent = document.getElementById("counted").textContent.trim();
  });
})();
