// Lon/lat from the page into geometries of the map.
import GeoJSON from "ol/format/GeoJSON.js";
import { circular } from "ol/geom/Polygon.js";
import Point from "ol/geom/Point.js";
import { fromLonLat } from "ol/proj.js";

const format = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
const CIRCLE_POINTS = 128;

/** A geodesic circle: metres on the ground, whatever the latitude. */
export const circle = (lon, lat, radius) => circular([lon, lat], radius, CIRCLE_POINTS).transform("EPSG:4326", "EPSG:3857");

export const point = (lon, lat) => new Point(fromLonLat([lon, lat]));

/** {geometry: GeoJSON} | GeoJSON geometry | {lon, lat, radius_m?} */
export function shapeOf(thing) {
  if (thing.geometry) return format.readGeometry(thing.geometry);
  if (thing.type && thing.coordinates) return format.readGeometry(thing);
  return thing.radius_m ? circle(thing.lon, thing.lat, thing.radius_m) : point(thing.lon, thing.lat);
}
