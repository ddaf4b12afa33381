// The map itself: boundaries, tiles of listings, tools, scale, coordinates. Knows nothing of needs, matches or forms.
import Map from "ol/Map.js";
import View from "ol/View.js";
import { defaults as interactions } from "ol/interaction/defaults.js";
import { fromLonLat, transformExtent } from "ol/proj.js";
import { basemap, listingTiles } from "./layers.js";
import { footer } from "./footer.js";

const HOME = [73.4, 17.5, 135.2, 53.7]; // where nothing else says
const MOST_ZOOM = 19;

export function wordsOf(element) {
  return JSON.parse(element.dataset.words ?? "{}");
}

/** Where the map of an element is drawn. */
export function canvasOf(element) {
  const canvas = document.createElement("div");
  canvas.className = "map-canvas";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", wordsOf(element).map);
  canvas.setAttribute("aria-busy", "true");
  element.prepend(canvas);
  return canvas;
}

/** Build the map of an element on its canvas: data-basemap, data-tiles, data-bbox (west,south,east,north), data-words. */
export function createMap(element, canvas) {
  const words = wordsOf(element);
  const status = document.createElement("p");
  status.className = "map-status";
  status.setAttribute("role", "status");
  element.append(status);
  const say = (sentence) => { status.textContent = sentence; };

  const layers = [basemap(element.dataset.basemap, () => say(words.boundaries_failed))];
  if (element.dataset.tiles) layers.push(listingTiles(element.dataset.tiles, () => say(words.tiles_failed)));

  const map = new Map({
    target: canvas,
    keyboardEventTarget: canvas,
    controls: [],
    interactions: interactions({ altShiftDragRotate: false, pinchRotate: false, onFocusOnly: false }),
    layers,
    view: new View({ center: fromLonLat([108, 34]), zoom: 4, maxZoom: MOST_ZOOM, minZoom: 2, enableRotation: false, multiWorld: false }),
  });
  map.once("rendercomplete", () => canvas.removeAttribute("aria-busy"));
  const bbox = element.dataset.bbox?.split(",").map(Number) ?? HOME;
  map.getView().fit(transformExtent(bbox, "EPSG:4326", "EPSG:3857"), { size: map.getSize() ?? [400, 320], padding: [20, 20, 40, 20] });
  tools(map, element, words);
  footer(map, element, words);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.getLayers().forEach((layer) => layer.changed()));
  return map;
}

/** Zoom and "everything", as buttons of the page. */
function tools(map, element, words) {
  const box = document.createElement("div");
  box.className = "map-tools";
  const zoom = (by) => () => map.getView().animate({ zoom: map.getView().getZoom() + by, duration: still() ? 0 : 150 });
  const add = (sign, label, run) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", run);
    box.append(button);
  };
  add("+", words.zoom_in, zoom(1));
  add("−", words.zoom_out, zoom(-1));
  add("⤢", words.fit, () => map.dispatchEvent("fit-all"));
  element.append(box);
}

export const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const A_STREET = 17;
const A_TOWN = 12; // a lone point stands among boundaries, not on an empty ground

/** Show an extent of the map's projection, never closer than a street. */
export function fit(map, extent) {
  if (!extent || !extent.every(Number.isFinite)) return;
  map.updateSize(); // fields beside it may just have come or gone
  map.getView().fit(extent, { padding: [48, 56, 64, 40], maxZoom: isPoint(extent) ? A_TOWN : A_STREET, duration: 0 });
}

const isPoint = ([west, south, east, north]) => west === east && south === north;
