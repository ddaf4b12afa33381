// The need and what was found for it, and the bond with the list: choosing in one chooses in the other.
import Feature from "ol/Feature.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import { containsExtent } from "ol/extent.js";
import { Circle, Fill, Stroke, Style, Text } from "ol/style.js";
import { face, hue, tint, token } from "./colours.js";
import { fit, still, wordsOf } from "./create.js";
import { point, shapeOf } from "./shapes.js";

const REACH_PX = 6;

/** `stays`: the view was restored and is not fitted to what is shown. */
export function showThings(map, element, stays = false) {
  const source = new VectorSource();
  const need = element.dataset.need && JSON.parse(element.dataset.need);
  if (need) addNeed(source, need, element.dataset.needLabel ?? wordsOf(element).need);
  JSON.parse(element.dataset.features ?? "[]").forEach((thing) => {
    const feature = new Feature({ ...thing, geometry: shapeOf(thing) });
    feature.setId(thing.id);
    source.addFeature(feature);
  });
  let selected = null;
  map.addLayer(new VectorLayer({ source, style: (feature) => styleOf(feature, feature.getId() === selected), zIndex: 5, declutter: true }));

  const all = () => { if (!source.isEmpty()) fit(map, source.getExtent()); };
  map.on("fit-all", all);
  if (!element.dataset.bbox && !stays) all();

  const list = document.getElementById(element.dataset.list ?? "");
  const select = (id, fromMap) => {
    selected = id;
    source.changed();
    mark(list, id, fromMap);
    element.dispatchEvent(new CustomEvent("map:chosen", { detail: id }));
    const shape = source.getFeatureById(id)?.getGeometry();
    if (shape && !containsExtent(map.getView().calculateExtent(), shape.getExtent())) {
      map.getView().animate({ center: [(shape.getExtent()[0] + shape.getExtent()[2]) / 2, (shape.getExtent()[1] + shape.getExtent()[3]) / 2], duration: still() ? 0 : 200 });
    }
  };
  const under = (pixel) => map.forEachFeatureAtPixel(pixel, (feature) => feature.get("id") ?? addressOf(feature), { hitTolerance: REACH_PX });
  const tileUnder = (pixel) => map.forEachFeatureAtPixel(pixel, (feature) => (feature.get("ref") ? feature : undefined), { hitTolerance: REACH_PX });
  map.on("click", (event) => {
    if (element.dataset.drawing) return; // a click sets a corner then, and chooses nothing
    const found = under(event.pixel);
    const tile = element.dataset.explore === undefined ? undefined : tileUnder(event.pixel);
    const known = [found, tile?.get("ref")].find((id) => id !== undefined && source.getFeatureById(id));
    if (known) select(known, true);
    else if (tile) element.dispatchEvent(new CustomEvent("map:tile", { detail: tile }));
    else if (typeof found === "string" && found.startsWith("/")) location.assign(found);
  });
  map.on("pointermove", (event) => { if (!event.dragging) map.getTargetElement().classList.toggle("is-pointing", Boolean(under(event.pixel))); });
  list?.addEventListener("click", (event) => choose(event, select));
  list?.addEventListener("focusin", (event) => choose(event, select));
  const chosen = list?.querySelector("[data-feature].is-selected");
  if (chosen) select(chosen.dataset.feature, false);
  document.addEventListener("htmx:afterSwap", () => selected && mark(document.getElementById(element.dataset.list ?? ""), selected, false));
  const add = (feature, id) => { source.addFeature(feature); select(id, true); };
  return { add };
}

/** Where a listing of the tiles leads; a cell leads nowhere. */
function addressOf(feature) {
  const ref = feature.get("ref");
  return feature.get("href") ?? (ref ? `/listings/${encodeURIComponent(ref)}` : undefined);
}

function choose(event, select) {
  const item = event.target.closest("[data-feature]");
  if (item && !item.classList.contains("is-selected")) select(item.dataset.feature, false);
}

function mark(list, id, scroll) {
  list?.querySelectorAll("[data-feature]").forEach((item) => {
    const on = item.dataset.feature === id;
    item.classList.toggle("is-selected", on);
    if (on && scroll) item.scrollIntoView({ block: "nearest", behavior: still() ? "auto" : "smooth" });
  });
}

function addNeed(source, need, label) {
  source.addFeature(new Feature({ geometry: shapeOf(need), state: "reach" }));
  if (need.radius_m) source.addFeature(new Feature({ geometry: point(need.lon, need.lat), state: "need", label }));
}

function dot(radius, fill, edge, width) {
  return new Circle({ declutterMode: "none", radius, fill: new Fill({ color: fill }), stroke: new Stroke({ color: edge, width }) });
}

const MARKS = {
  need: () => dot(6, token("brand"), token("card"), 1.5),
  near: () => dot(6, token("card"), token("bad"), 3),
  mine: () => dot(6, token("ink"), token("card"), 2),
  cell: () => dot(6, token("card"), token("ink-2"), 2),
  fits: (feature, on) => dot(on ? 9 : 7, hue(feature.get("hue") ?? "tower"), token("card"), 2),
};

function styleOf(feature, on) {
  const state = feature.get("state") ?? "fits";
  const type = feature.getGeometry().getType();
  if (state === "reach") return reachStyle(type);
  if (type.endsWith("Polygon")) {
    return new Style({
      fill: new Fill({ color: tint("ink-2", on ? 0.22 : 0.1) }), stroke: new Stroke({ color: on ? token("brand") : tint("ink-2", 0.5), width: on ? 2 : 1, lineDash: [4, 4] }),
      text: new Text({ text: String(feature.get("count") ?? ""), font: face(12), fill: new Fill({ color: token("ink") }) }),
    });
  }
  if (type.endsWith("LineString")) {
    const asked = { near: token("bad"), mine: token("ink") }[state]; // a need, not what serves it
    const colour = asked ?? hue(feature.get("hue") ?? "duct");
    return [...(on ? [new Style({ stroke: new Stroke({ color: tint("brand", 0.35), width: 11 }) })] : []),
      new Style({ stroke: new Stroke({ color: colour, width: on ? 4 : 3, lineDash: asked ? [7, 6] : undefined }) })];
  }
  const styles = [new Style({ image: (MARKS[state] ?? MARKS.fits)(feature, on), zIndex: on ? 9 : state === "need" ? 6 : 7 })];
  if (on) styles.unshift(new Style({ image: new Circle({ declutterMode: "none", radius: 14, stroke: new Stroke({ color: state === "near" ? token("bad") : hue(feature.get("hue") ?? "tower"), width: 2 }) }), zIndex: 8 }));
  if (feature.get("score") != null) {
    styles.push(new Style({
      text: new Text({ text: String(feature.get("score")), font: face(on ? 14 : 12), offsetX: on ? 20 : 13, textAlign: "left", offsetY: -10, fill: new Fill({ color: token("ink") }), stroke: new Stroke({ color: token("land"), width: 3 }) }), zIndex: 10,
    }));
  }
  return styles;
}

function reachStyle(type) {
  if (type === "Point") return new Style({ image: MARKS.need() });
  return new Style({
    fill: new Fill({ color: tint("brand", 0.08) }), stroke: new Stroke({ color: token("brand"), width: type.endsWith("LineString") ? 4 : 2, lineDash: [6, 5] }), zIndex: 1,
  });
}
