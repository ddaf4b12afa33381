// Draws what the tables of a board say. The drawing library is fetched when the first chart comes near the screen, or when the page
// has nothing else to do; what is printed is drawn first, wherever it is.
const waiting = new Set();
let drawing = null;

const load = () => import("./charts/draw.js").then((module) => (drawing = module));

function draw(plots) {
  for (const plot of plots) {
    if (!waiting.delete(plot) || !plot.isConnected) continue;
    near.unobserve(plot);
    drawing.offerPictures(plot, drawing.draw(plot));
  }
}

async function drawSoon(plots) {
  if (!drawing) await load();
  draw(plots);
}

const near = new IntersectionObserver(
  (entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    if (seen.length) drawSoon(seen);
  },
  { rootMargin: "400px" },
);

function watch(root) {
  root.querySelectorAll("[data-chart]").forEach((plot) => {
    if (plot.dataset.watched) return;
    plot.dataset.watched = "1";
    waiting.add(plot);
    near.observe(plot);
  });
}

function drawAll() {
  if (drawing) draw([...waiting]); // at once: what comes later is not on the paper
  else drawSoon([...waiting]);
}

watch(document);
document.addEventListener("htmx:load", (event) => watch(event.detail.elt.parentElement ?? document));
addEventListener("beforeprint", drawAll);
matchMedia("print").addEventListener("change", (event) => event.matches && drawAll());
const idle = window.requestIdleCallback ?? ((act) => setTimeout(act, 1000));
addEventListener("load", () => waiting.size && idle(load));
