// Descriptions in the admin: buttons and a page-like field above the HTML, which stays the field that is sent.
// Whatever is pasted, the server keeps only the tags it allows; here they are cut off, too, before they are shown.
"use strict";

(() => {
  const TAGS = new Set(
    "P BR STRONG B EM I U S UL OL LI H2 H3 H4 A BLOCKQUOTE TABLE CAPTION THEAD TBODY TFOOT TR TH TD".split(" "),
  );
  const GONE = "script, style, iframe, object, embed, template, svg, math, noscript, form, input, button, title";
  const KEPT = { A: ["href"], TD: ["colspan", "rowspan"], TH: ["colspan", "rowspan"] };
  const ALIKE = { H1: "h2", H5: "h4", H6: "h4", DIV: "p", SECTION: "p", ARTICLE: "p" };
  const BUTTONS = [
    ["format_bold", "Bold", () => document.execCommand("bold")],
    ["format_italic", "Italic", () => document.execCommand("italic")],
    ["title", "Heading", () => toggleBlock("h2")],
    ["format_h3", "Small heading", () => toggleBlock("h3")],
    ["format_list_bulleted", "List", () => document.execCommand("insertUnorderedList")],
    ["format_list_numbered", "Numbered list", () => document.execCommand("insertOrderedList")],
    ["format_quote", "Quotation", () => toggleBlock("blockquote")],
    ["link", "Link", link],
    ["format_clear", "Plain text", () => (document.execCommand("removeFormat"), document.execCommand("unlink"))],
  ];

  /** The nodes of the HTML, without anything that could act. */
  function cleaned(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    parsed.body.querySelectorAll(GONE).forEach((element) => element.remove());
    for (const element of [...parsed.body.querySelectorAll("*")]) {
      if (ALIKE[element.tagName] || !TAGS.has(element.tagName)) {
        const other = ALIKE[element.tagName];
        if (other && !element.querySelector("p, div, ul, ol, table, h1, h2, h3, h4, blockquote")) {
          const replaced = parsed.createElement(other);
          replaced.append(...element.childNodes);
          element.replaceWith(replaced);
        } else {
          element.replaceWith(...element.childNodes);
        }
        continue;
      }
      for (const { name, value } of [...element.attributes]) {
        const isKept = (KEPT[element.tagName] || []).includes(name);
        if (!isKept || (name === "href" && !/^(https?:|mailto:|\/)/i.test(value))) element.removeAttribute(name);
      }
    }
    const fragment = document.createDocumentFragment();
    fragment.append(...[...parsed.body.childNodes].map((node) => document.importNode(node, true)));
    return fragment;
  }

  function toggleBlock(tag) {
    const now = document.queryCommandValue("formatBlock").toLowerCase();
    document.execCommand("formatBlock", false, now === tag ? "p" : tag);
  }

  function link() {
    const address = window.prompt("Where does the link lead? https://…, mailto:… or an address of the shop such as /products/");
    if (address) document.execCommand("createLink", false, address);
  }

  function button(icon, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "richtext__button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.innerHTML = '<span class="material-symbols-outlined" aria-hidden="true"></span>';
    made.firstChild.textContent = icon;
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    made.addEventListener("click", act);
    return made;
  }

  function enhance(textarea) {
    const page = document.createElement("div");
    page.className = "richtext__page";
    page.contentEditable = "true";
    page.setAttribute("role", "textbox");
    page.setAttribute("aria-multiline", "true");
    const label = textarea.labels[0];
    if (label) page.setAttribute("aria-label", label.textContent.trim());
    const show = () => page.replaceChildren(cleaned(textarea.value));
    const keep = () => {
      textarea.value = page.textContent.trim() || page.querySelector("table") ? page.innerHTML : "";
    };

    const bar = document.createElement("div");
    bar.className = "richtext__bar";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Formatting");
    const tools = BUTTONS.map(([icon, name, act]) =>
      button(icon, name, () => {
        page.focus();
        act();
        keep();
      }),
    );
    const source = button("code", "HTML", () => {
      const isSource = textarea.hidden;
      if (isSource) keep();
      else show();
      textarea.hidden = !isSource;
      page.hidden = isSource;
      tools.forEach((tool) => (tool.disabled = isSource));
      source.setAttribute("aria-pressed", String(isSource));
    });
    source.setAttribute("aria-pressed", "false");
    bar.append(...tools, source);

    page.addEventListener("input", keep);
    page.addEventListener("paste", (event) => {
      const html = event.clipboardData.getData("text/html");
      if (!html) return;
      event.preventDefault();
      const holder = document.createElement("div");
      holder.append(cleaned(html));
      document.execCommand("insertHTML", false, holder.innerHTML);
    });
    show();
    textarea.hidden = true;
    textarea.before(bar, page);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.execCommand("defaultParagraphSeparator", false, "p");
    document.querySelectorAll("textarea[data-richtext]").forEach(enhance);
  });
})();
