// Pages with a map: OpenLayers on every element with data-map.
import Map from "ol/Map.js";
import View from "ol/View.js";
import { fromLonLat } from "ol/proj.js";
import "ol/ol.css";

for (const element of document.querySelectorAll("[data-map]")) {
  const { lon = "0", lat = "0", zoom = "4" } = element.dataset;
  new Map({ target: element, view: new View({ center: fromLonLat([Number(lon), Number(lat)]), zoom: Number(zoom) }) });
}
