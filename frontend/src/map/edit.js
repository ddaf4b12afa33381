// Drawing for forms. The typed fields are the truth: the map writes them, and follows them.
import Feature from "ol/Feature.js";
import WKT from "ol/format/WKT.js";
import Draw from "ol/interaction/Draw.js";
import Modify from "ol/interaction/Modify.js";
import Snap from "ol/interaction/Snap.js";
import VectorLayer from "ol/layer/Vector.js";
import { toLonLat } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import { Circle, Fill, Stroke, Style } from "ol/style.js";
import { tint, token } from "./colours.js";
import { fit, wordsOf } from "./create.js";
import { circle, point, shapeOf } from "./shapes.js";

const TYPES = { point: "Point", circle: "Point", line: "LineString", area: "Polygon" };
const WGS84 = "EPSG:4326"; // CGCS2000 too, to centimetres
const DIGITS = 6; // 0.1 m
const format = new WKT();
const projections = { dataProjection: "EPSG:4326", featureProjection: "EPSG:3857", decimals: DIGITS };

export function editor(map, element) {
  const words = wordsOf(element);
  const field = (name) => document.getElementById(`f-${element.dataset.edit}${name}`);
  const shape = () => field("shape")?.value ?? "point";
  const drawing = new VectorSource();
  const reach = new VectorSource();
  const fieldset = element.closest("[data-geometry]");
  const said = fieldset?.querySelector("[data-place-said]");
  const crs = () => field(element.dataset.crs)?.value ?? WGS84;
  map.addLayer(new VectorLayer({ source: reach, style: reachStyle }));
  map.addLayer(new VectorLayer({ source: drawing, style: drawnStyle }));

  const modify = new Modify({ source: drawing });
  map.addInteraction(modify);
  map.addInteraction(new Snap({ source: drawing }));
  modify.on("modifyend", () => write());
  let draw = null;

  function number(name) {
    const text = field(name)?.value.normalize("NFKC").trim().replace(/,/g, "") ?? "";
    return text === "" ? NaN : Number(text);
  }

  /** Draw what the fields say. Plain degrees in WGS-84 are drawn at once; everything else is read by the server, as when it is sent. */
  function read(show) {
    clearTimeout(asking);
    say("");
    drawing.clear();
    reach.clear();
    const kind = shape();
    if (!isPlain(kind)) { asking = setTimeout(() => ask(show), 350); return; }
    if (TYPES[kind] === "Point") {
      const [lon, lat, radius] = [number("lon"), number("lat"), number("radius_m")];
      if (!(Math.abs(lon) <= 180 && Math.abs(lat) < 89)) return;
      drawing.addFeature(new Feature(point(lon, lat)));
      if (kind === "circle" && radius > 0) reach.addFeature(new Feature(circle(lon, lat, radius)));
    } else {
      const text = field("wkt")?.value.trim();
      const geometry = text && parse(text);
      if (geometry) drawing.addFeature(new Feature(geometry));
    }
    see(show);
  }

  let asking;
  const say = (sentence) => { if (said) said.textContent = sentence; };

  /** Whether the browser can read the fields by itself. */
  function isPlain(kind) {
    const text = (name) => field(name)?.value.trim() ?? "";
    if (crs() !== WGS84 || text("paste")) return false;
    if (TYPES[kind] === "Point") return !Number.isNaN(number("lon")) && !Number.isNaN(number("lat")) || !text("lon") || !text("lat");
    return !text("wkt") || Boolean(parse(text("wkt")));
  }

  async function ask(show) {
    const body = new FormData();
    body.set("csrf_token", element.closest("form")?.elements.csrf_token?.value ?? "");
    ["shape", "lon", "lat", "radius_m", "wkt", "paste", "crs_other"].forEach((name) => body.set(name, field(name)?.value ?? ""));
    body.set("crs", crs());
    let answer;
    try { answer = await fetch(element.dataset.place, { method: "POST", body, headers: { Accept: "application/json" } }); } catch { return; } // no connection: drawn when sent
    const found = await answer.json().catch(() => ({}));
    if (found.errors) { say(Object.values(found.errors).join(" ")); return; }
    if (!found.geometry) return;
    drawing.addFeature(new Feature(shapeOf(found.geometry)));
    const [lon, lat] = found.geometry.coordinates;
    if (shape() === "circle" && found.radius_m > 0) reach.addFeature(new Feature(circle(lon, lat, found.radius_m)));
    see(show);
  }

  function see(show) {
    const extent = (reach.isEmpty() ? drawing : reach).getExtent();
    if (show) fit(map, extent);
  }

  /** What is drawn is in WGS-84, and takes the place of what was pasted. */
  function write() {
    if (field(element.dataset.crs)) field(element.dataset.crs).value = WGS84;
    put("paste", "");
    const geometry = drawing.getFeatures()[0]?.getGeometry();
    if (TYPES[shape()] === "Point") {
      const [lon, lat] = geometry ? toLonLat(geometry.getCoordinates()).map((degrees) => degrees.toFixed(DIGITS)) : ["", ""];
      put("lon", lon);
      put("lat", lat);
    } else {
      put("wkt", geometry ? format.writeGeometry(geometry, projections) : "");
    }
    read(false);
  }

  let writing = false;
  function put(name, value) {
    const control = field(name);
    if (!control) return;
    writing = true;
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    writing = false;
  }

  function start() {
    stop();
    hint.textContent = words.drawing;
    draw = new Draw({ type: TYPES[shape()], source: drawing });
    draw.on("drawstart", () => drawing.clear());
    draw.on("drawend", (event) => setTimeout(() => {
      drawing.clear();
      drawing.addFeature(event.feature);
      stop();
      write();
    }));
    map.addInteraction(draw);
  }

  function stop() {
    if (draw) map.removeInteraction(draw);
    draw = null;
    hint.textContent = "";
  }

  const box = document.createElement("div");
  box.className = "map-draw";
  const hint = document.createElement("p");
  hint.setAttribute("role", "status");
  const button = (text, run) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = text;
    made.addEventListener("click", run);
    return made;
  };
  box.append(button(words.draw, start), button(words.clear, () => { stop(); drawing.clear(); write(); }), hint);
  element.append(box);

  ["lon", "lat", "radius_m", "wkt", "paste", "crs_other"].forEach((name) => field(name)?.addEventListener("input", () => { if (!writing) read(true); }));
  const follow = () => { fitFields(fieldset, shape(), crs(), field); stop(); read(true); };
  field(element.dataset.crs)?.addEventListener("change", follow);
  field("shape")?.addEventListener("change", follow);
  map.on("fit-all", () => fit(map, (reach.isEmpty() ? drawing : reach).getExtent()));
  follow();
}

/** Show only the fields of the chosen shape; hidden ones are not sent. */
function fitFields(fieldset, kind, crs, field) {
  const isPoint = TYPES[kind] === "Point";
  const wanted = { lon: isPoint, lat: isPoint, radius_m: kind === "circle", wkt: !isPoint, paste: isPoint, crs_other: crs === "other" };
  Object.entries(wanted).forEach(([name, on]) => {
    const control = field(name);
    if (!control || !fieldset?.contains(control)) return;
    control.disabled = !on;
    control.closest(".field").hidden = !on;
  });
}

function parse(text) {
  try {
    return format.readGeometry(text, projections);
  } catch {
    return null; // half-typed text is no geometry yet
  }
}

const drawnStyle = () => new Style({
  image: new Circle({ radius: 7, fill: new Fill({ color: token("brand") }), stroke: new Stroke({ color: token("card"), width: 2 }) }),
  stroke: new Stroke({ color: token("brand"), width: 3 }), fill: new Fill({ color: tint("brand", 0.12) }),
});
const reachStyle = () => new Style({ fill: new Fill({ color: tint("brand", 0.08) }), stroke: new Stroke({ color: token("brand"), width: 2, lineDash: [6, 5] }) });
