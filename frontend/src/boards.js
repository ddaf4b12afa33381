// Draws what the tables of a board say. The drawing library is fetched when the first chart comes near the screen, not before.
const asked = new WeakSet();

const near = new IntersectionObserver(
  (entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    seen.forEach((plot) => near.unobserve(plot));
    if (seen.length) import("./charts/draw.js").then(({ draw, offerPictures }) => seen.forEach((plot) => offerPictures(plot, draw(plot))));
  },
  { rootMargin: "400px" },
);

function watch(root) {
  root.querySelectorAll("[data-chart]").forEach((plot) => {
    if (asked.has(plot)) return;
    asked.add(plot);
    near.observe(plot);
  });
}

watch(document);
document.addEventListener("htmx:load", (event) => watch(event.detail.elt.parentElement ?? document));
