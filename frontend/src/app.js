// What every page gains when scripts run. Each part finds its elements by data attributes; every page works without them.
import htmx from "htmx.org";
import { closeSheets } from "./parts/sheets.js";
import { dropZones } from "./parts/drop.js";
import { keepDrafts } from "./parts/drafts.js";
import { picks } from "./parts/picks.js";
import { say, words } from "./parts/notices.js";
import { showWaiting } from "./parts/waiting.js";

function prepare(root) {
  dropZones(root);
  picks(root);
  root.querySelector?.("[data-error-summary]:not(form[method=get] *)")?.focus();
}

/** An empty box is no filter: addresses that people share say only what is asked. */
function leaveOutEmpty(data) {
  [...data.entries()].forEach(([name, value]) => { if (value === "") data.delete(name); });
}

closeSheets(document);
keepDrafts(document);
prepare(document);
showWaiting(document);

htmx.on("htmx:load", (event) => prepare(event.detail.elt));
htmx.on("htmx:configRequest", (event) => { if (event.detail.elt.matches("[data-filters]")) leaveOutEmpty(event.detail.formData); });
htmx.on("htmx:responseError", () => say(words().failed, "bad"));
htmx.on("htmx:sendError", () => say(words().offline, "warn"));
window.addEventListener("offline", () => say(words().offline, "warn"));
window.addEventListener("online", () => say(words().online, "ok"));
