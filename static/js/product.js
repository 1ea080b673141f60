// The page of a product: the price follows the chosen variant, the gallery shows its picture.

(() => {
  "use strict";

  const row = document.querySelector(".gallery__row");
  const links = [...document.querySelectorAll(".gallery__small a")];

  // Variants that are only named are radio buttons; all that is said about them is on the page.
  function show(pill) {
    const { state, availability: words, most, sku } = pill.dataset;
    const availability = document.getElementById("availability");
    document.getElementById("price").replaceChildren(pill.querySelector("template").content.cloneNode(true));
    availability.textContent = words;
    availability.classList.toggle("availability--few", state === "few");
    availability.classList.toggle("availability--none", state === "none");
    document.getElementById("quantity").max = most;
    document.getElementById("sku").textContent = sku;
  }

  for (const radio of document.querySelectorAll('.pill input[type="radio"]')) {
    const pill = radio.closest(".pill");
    radio.addEventListener("change", () => {
      show(pill);
      turnTo(pill.dataset.picture);
      const address = new URL(window.location.href);
      address.searchParams.set("variant", pill.dataset.sku);
      window.history.replaceState(window.history.state, "", address);
    });
    if (radio.checked) show(pill); // a browser may restore an earlier choice
  }

  // Options are links, whose answer htmx puts in place of the offer.
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    const offer = document.getElementById("offer");
    if (target.id !== "offer" || !offer) return;
    turnTo(offer.dataset.picture);
    const said = [...offer.querySelectorAll(".option__name, #price, #availability")].map((part) => part.textContent.trim());
    document.getElementById("chosen").textContent = said.join(", ");
  });

  function turnTo(id) {
    const picture = id && document.getElementById(id);
    if (picture) row.scrollTo({ left: picture.offsetLeft });
  }

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
