// The map of a list that is searched: what it shows and what is chosen stand in the address; what is drawn is written into the filters.
import htmx from "htmx.org";
import WKT from "ol/format/WKT.js";
import Draw from "ol/interaction/Draw.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj.js";
import { toFeature } from "ol/render/Feature.js";
import { getLength } from "ol/sphere.js";
import { Circle, Fill, Stroke, Style, Text } from "ol/style.js";
import { face, tint, token } from "./colours.js";
import { wordsOf } from "./create.js";

const DIGITS = 6; // 0.1 m
const REACH_M = 2000; // of a point or line that is drawn before a distance is typed
const format = new WKT();
const projections = { dataProjection: "EPSG:4326", featureProjection: "EPSG:3857", decimals: DIGITS };
const SHAPES = { point: "Point", line: "LineString", area: "Polygon", measure: "LineString" };

/** Show what the address says was shown: zoom/latitude/longitude. True when it says so. */
export function restoreView(map, element) {
  const [zoom, lat, lon] = (element.dataset.view ?? "").split("/").map(Number);
  if (![zoom, lat, lon].every(Number.isFinite) || !element.dataset.view) return false;
  map.getView().setCenter(fromLonLat([lon, lat]));
  map.getView().setZoom(zoom);
  return true;
}

export function explore(map, element, things) {
  const words = wordsOf(element);
  const form = document.querySelector(`#${element.dataset.explore} form`);
  const field = (name) => form?.elements.namedItem(name);

  function keep(name, value) {
    if (field(name)) field(name).value = value;
    const address = new URL(location.href);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
  }

  map.on("moveend", () => {
    const [lon, lat] = toLonLat(map.getView().getCenter());
    keep("map", `${map.getView().getZoom().toFixed(2)}/${lat.toFixed(5)}/${lon.toFixed(5)}`);
  });
  element.addEventListener("map:chosen", (event) => keep("chosen", event.detail));
  element.addEventListener("map:tile", (event) => {
    const found = toFeature(event.detail);
    const ref = found.get("ref");
    found.setId(ref);
    found.set("id", ref);
    things.add(found, ref);
    keep("chosen", ref);
    htmx.ajax("GET", location.pathname + location.search, { target: "#chosen", select: "#chosen", swap: "outerHTML" });
  });

  const source = new VectorSource();
  map.addLayer(new VectorLayer({ source, style: (feature) => measured(feature), zIndex: 8 }));
  const status = document.createElement("output");
  let draw = null;
  const stop = () => {
    if (draw) map.removeInteraction(draw);
    draw = null;
    delete element.dataset.drawing;
    box.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-pressed"));
  };

  function start(kind, button) {
    const again = button.getAttribute("aria-pressed") === "true";
    stop();
    source.clear();
    status.textContent = "";
    if (again) return;
    button.setAttribute("aria-pressed", "true");
    element.dataset.drawing = kind;
    status.textContent = kind === "point" ? words.click_point : words.drawing;
    draw = new Draw({ type: SHAPES[kind], source: kind === "measure" ? source : undefined });
    if (kind === "measure") {
      draw.on("drawstart", (event) => {
        source.clear();
        event.feature.getGeometry().on("change", (change) => { status.textContent = length(change.target); });
      });
    }
    draw.on("drawend", (event) => setTimeout(() => {
      stop();
      if (kind === "measure") status.textContent = length(event.feature.getGeometry());
      else search(kind, event.feature.getGeometry());
    }));
    map.addInteraction(draw);
  }

  function search(kind, geometry) {
    const [lon, lat] = kind === "point" ? toLonLat(geometry.getCoordinates()).map((degrees) => degrees.toFixed(DIGITS)) : ["", ""];
    const wkt = kind === "point" ? "" : format.writeGeometry(geometry, projections);
    const radius = field("radius_m").value || (kind === "area" ? "" : String(REACH_M));
    Object.entries({ lon, lat, wkt, crs: "", radius_m: radius, bbox: "" }).forEach(([name, value]) => { if (field(name)) field(name).value = value; });
    form.querySelector("details")?.setAttribute("open", "");
    form.requestSubmit();
  }

  const frame = document.createElement("div");
  frame.className = "map-explore";
  const box = document.createElement("div");
  box.className = "row";
  const add = (text, run) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = text;
    button.addEventListener("click", () => run(button));
    box.append(button);
  };
  if (form) {
    add(words.search_here, () => {
      const shown = transformExtent(map.getView().calculateExtent(), "EPSG:3857", "EPSG:4326");
      const [west, south, east, north] = shown.map((degrees, at) => Math.min(Math.max(degrees, at % 2 ? -90 : -180), at % 2 ? 90 : 180).toFixed(5));
      field("bbox").value = [west, south, east, north].join(",");
      form.requestSubmit();
    });
    if (field("radius_m")) { // a list that can be searched around a place
      add(words.near_point, (button) => start("point", button));
      add(words.near_line, (button) => start("line", button));
      add(words.in_area, (button) => start("area", button));
    }
  }
  add(words.measure, (button) => start("measure", button));
  status.setAttribute("role", "status");
  frame.append(box, status, ...element.querySelectorAll(":scope > .legend"));
  element.append(frame);
  element.addEventListener("keydown", (event) => { if (event.key === "Escape") { stop(); source.clear(); status.textContent = ""; } });
}

/** Geodesic length in the reader's digits. */
function length(geometry) {
  const metres = getLength(geometry, { projection: "EPSG:3857" });
  const figures = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: metres < 10_000 ? 0 : 2 });
  return metres < 10_000 ? `${figures.format(metres)} m` : `${figures.format(metres / 1000)} km`;
}

function measured(feature) {
  const geometry = feature.getGeometry();
  return new Style({
    stroke: new Stroke({ color: token("brand"), width: 3, lineDash: [8, 6] }), fill: new Fill({ color: tint("brand", 0.12) }),
    image: new Circle({ radius: 5, fill: new Fill({ color: token("brand") }) }),
    text: geometry.getType() === "LineString" ? new Text({ text: length(geometry), font: face(12), placement: "line", offsetY: -10, overflow: true, fill: new Fill({ color: token("ink") }), stroke: new Stroke({ color: token("card"), width: 3 }) }) : undefined,
  });
}
