// What lies under everything: offline boundaries, and the tiles of what is listed.
import GeoJSON from "ol/format/GeoJSON.js";
import MVT from "ol/format/MVT.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorTileLayer from "ol/layer/VectorTile.js";
import VectorSource from "ol/source/Vector.js";
import VectorTileSource from "ol/source/VectorTile.js";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style.js";
import { face, hue, tint, token } from "./colours.js";

const DEEPEST_TILE = 14; // deeper views stretch these

/** Boundaries from vector tiles when the address has {z}, else from one GeoJSON file. */
export function basemap(address, failed) {
  if (!address.includes("{z}")) {
    const source = new VectorSource({ url: address, format: new GeoJSON() });
    source.on("featuresloaderror", failed);
    return new VectorLayer({ source, style: boundaryStyle, declutter: true });
  }
  const source = new VectorTileSource({ url: address, format: new MVT(), maxZoom: 10 });
  source.on("tileloaderror", failed);
  return new VectorTileLayer({ source, style: boundaryStyle, declutter: true });
}

function boundaryStyle(feature) {
  const level = feature.get("level");
  const isOuter = level === "province" || level === undefined || Number(level) <= 1;
  const styles = [];
  if (feature.getType?.() !== "Point" && feature.getGeometry().getType() !== "Point") {
    styles.push(new Style({
      fill: isOuter ? new Fill({ color: token("land") }) : undefined,
      stroke: new Stroke({ color: token(isOuter ? "border-1" : "border-2"), width: isOuter ? 1.2 : 0.8 }),
      zIndex: isOuter ? 0 : 1,
    }));
  }
  const name = feature.get(document.documentElement.lang.startsWith("zh") ? "name" : "name_en") ?? feature.get("name");
  if (name) {
    styles.push(new Style({
      text: new Text({ text: name, font: face(isOuter ? 12 : 11, 500), fill: new Fill({ color: token("ink-3") }), stroke: new Stroke({ color: token("land"), width: 3 }), overflow: false }),
      zIndex: 2,
    }));
  }
  return styles;
}

/** Listings: points and lines where the viewer may see them, cells with a count where not. */
export function listingTiles(address, failed) {
  const source = new VectorTileSource({ url: address, format: new MVT(), maxZoom: DEEPEST_TILE });
  source.on("tileloaderror", failed);
  return new VectorTileLayer({ source, style: listingStyle, className: "map-listings", declutter: true });
}

export function listingStyle(feature) {
  const colour = hue(feature.get("hue") ?? feature.get("kind"));
  const count = Number(feature.get("count") ?? 1);
  const type = feature.getGeometry().getType();
  if (type.endsWith("Polygon") || count > 1) {
    return new Style({
      fill: new Fill({ color: tint("ink-2", 0.08) }),
      stroke: new Stroke({ color: tint("ink-2", 0.35), width: 1, lineDash: [4, 4] }),
      image: new Circle({ radius: Math.min(9 + 2 * Math.log2(count), 24), fill: new Fill({ color: token("card") }), stroke: new Stroke({ color: colour, width: 2 }) }),
      text: new Text({ text: count > 9999 ? `${Math.round(count / 1000)}k` : String(count), font: face(11), fill: new Fill({ color: token("ink") }) }),
    });
  }
  if (type.endsWith("LineString")) return new Style({ stroke: new Stroke({ color: colour, width: 2.5 }) });
  if (feature.get("state") === "cell") { // a snapped place is a cell, not a pin
    return new Style({ image: new RegularShape({ points: 4, angle: Math.PI / 4, radius: 9, fill: new Fill({ color: tint("card", 0.55) }), stroke: new Stroke({ color: colour, width: 1.5, lineDash: [3, 3] }) }) });
  }
  return new Style({ image: new Circle({ radius: 4.5, fill: new Fill({ color: colour }), stroke: new Stroke({ color: token("card"), width: 1 }) }) });
}
