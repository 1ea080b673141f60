// The page of a product: the price follows the chosen variant, small pictures turn the gallery.

(() => {
  "use strict";

  const FEW = 5;
  const price = document.getElementById("price");
  const availability = document.getElementById("availability");
  const quantity = document.getElementById("quantity");
  const sku = document.getElementById("sku");

  function show(pill) {
    const { available, availability: words, most, sku: number } = pill.dataset;
    price.replaceChildren(pill.querySelector("template").content.cloneNode(true));
    availability.textContent = words;
    availability.classList.toggle("availability--few", available > 0 && available <= FEW);
    availability.classList.toggle("availability--none", available <= 0);
    quantity.max = most;
    sku.textContent = number;
  }

  for (const radio of document.querySelectorAll('.pill input[type="radio"]')) {
    radio.addEventListener("change", () => show(radio.closest(".pill")));
    if (radio.checked) show(radio.closest(".pill")); // a browser may restore an earlier choice
  }

  const row = document.querySelector(".gallery__row");
  const links = [...document.querySelectorAll(".gallery__small a")];

  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault(); // without this the page would jump to the picture
      row.scrollTo({ left: document.querySelector(link.hash).offsetLeft });
    });
  }

  if (links.length) {
    const watch = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) mark(target.id);
        }
      },
      { root: row, threshold: 0.6 },
    );
    for (const picture of row.children) watch.observe(picture);
  }

  function mark(id) {
    for (const link of links) {
      if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
})();
