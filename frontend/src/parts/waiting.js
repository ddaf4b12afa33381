// A thin bar at the top, and its words for who listens, while an answer takes longer than one waits without wondering: after a link or
// a form, and after a request of the page itself. The button that was pressed says so too.
import { words } from "./notices.js";

const AFTER_MS = 350; // what is sooner there needs no sign, and would only flicker
const AT_MOST_MS = 30_000; // a file is taken away and the page stays: then nothing tells that it came

export function showWaiting(root) {
  let timer, pressed, inside = 0;
  const bar = document.createElement("div");
  bar.className = "waiting";
  bar.setAttribute("role", "status");
  bar.hidden = true;
  root.body.append(bar);

  const end = () => {
    clearTimeout(timer);
    bar.hidden = true;
    bar.textContent = "";
    pressed?.removeAttribute("aria-busy");
    pressed = null;
  };
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      bar.hidden = false;
      bar.textContent = words().waiting;
      pressed?.setAttribute("aria-busy", "true");
      timer = setTimeout(end, AT_MOST_MS);
    }, AFTER_MS);
  };

  root.addEventListener("submit", (event) => { if (!event.defaultPrevented) pressed = event.submitter; });
  window.addEventListener("beforeunload", begin);
  window.addEventListener("pageshow", end); // also when the back button brings the page as it was left
  root.addEventListener("htmx:beforeRequest", () => { inside += 1; begin(); });
  root.addEventListener("htmx:afterRequest", () => { inside -= 1; if (inside <= 0) { inside = 0; end(); } });
}
