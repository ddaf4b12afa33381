// The line under the map: scale, the position under the pointer in a chosen datum, and where the boundaries come from.
import ScaleLine from "ol/control/ScaleLine.js";
import { toLonLat } from "ol/proj.js";
import { toGcj02 } from "./gcj02.js";

const KEPT = "map-datum";
const DATUMS = [["wgs84", "WGS-84"], ["cgcs2000", "CGCS2000"], ["gcj02", "GCJ-02"]]; // the first two are one to centimetres

const written = (degrees, plus, minus) => `${Math.abs(degrees).toFixed(5)}° ${degrees < 0 ? minus : plus}`;

export function footer(map, element, words) {
  const box = document.createElement("div");
  box.className = "map-foot";

  const scale = document.createElement("div");
  scale.className = "map-scale";
  box.append(scale);
  map.addControl(new ScaleLine({ target: scale, units: "metric", minWidth: 64 }));

  const place = document.createElement("span");
  const output = document.createElement("output");
  output.setAttribute("aria-label", words.position);
  const choice = document.createElement("select");
  choice.setAttribute("aria-label", words.datum);
  DATUMS.forEach(([value, label]) => choice.append(new Option(label, value, false, value === localStorage.getItem(KEPT))));
  choice.addEventListener("change", () => { localStorage.setItem(KEPT, choice.value); show(map.getView().getCenter()); });
  place.append(choice, output);
  box.append(place);

  const source = document.createElement("span");
  source.textContent = words.boundaries;
  box.append(source);
  element.append(box);

  function show(at) {
    const point = toLonLat(at);
    const shown = choice.value === "gcj02" ? toGcj02(...point) : point;
    output.textContent = shown ? `${written(shown[0], "E", "W")}, ${written(shown[1], "N", "S")}` : words.outside;
  }
  map.on("pointermove", (event) => { if (!event.dragging) show(event.coordinate); });
  map.getView().on("change:center", () => show(map.getView().getCenter())); // by keyboard and touch the centre speaks
  show(map.getView().getCenter());
}
