// Maps: every [data-map] element becomes one. Loaded only by pages that have a map; the list beside it holds the same things.
import { editor } from "./map/edit.js";
import { canvasOf, createMap } from "./map/create.js";
import { explore, restoreView } from "./map/explore.js";
import { showThings } from "./map/things.js";

const drawn = new WeakSet();

function drawAll(root) {
  root.querySelectorAll("[data-map]").forEach((element) => {
    if (drawn.has(element)) return;
    drawn.add(element);
    const canvas = canvasOf(element);
    whenSized(canvas, () => {
      const map = createMap(element, canvas);
      if (element.dataset.edit !== undefined) editor(map, element);
      else {
        const stays = restoreView(map, element);
        const things = showThings(map, element, stays);
        if (element.dataset.explore !== undefined) explore(map, element, things);
      }
    });
  });
}

/** A map is made when what it is drawn on has an area: not before the styles are there, which alone give it a height, not inside what
    is folded away. */
function whenSized(canvas, make) {
  const sized = () => canvas.clientWidth > 0 && canvas.clientHeight > 0;
  if (sized()) { make(); return; }
  const watch = new ResizeObserver(() => {
    if (!sized()) return;
    watch.disconnect();
    make();
  });
  watch.observe(canvas);
}

drawAll(document);
document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt.parentElement ?? document));
