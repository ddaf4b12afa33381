// Sentences that appear by themselves, in the words that the page brought along.
let kept;

export function words() {
  kept ??= JSON.parse(document.querySelector("template[data-words]")?.content.textContent ?? "{}");
  return kept;
}

/** Show one sentence above the page; the region is live, so it is read out too. tone: ok · warn · bad · info. */
export function say(sentence, tone = "info", action = null) {
  const place = document.getElementById("notices");
  if (!place || !sentence) return;
  place.querySelector("[data-said]")?.remove();
  const box = document.createElement("div");
  box.className = `alert alert-${tone}`;
  box.dataset.said = "";
  const text = document.createElement("p");
  text.textContent = sentence;
  box.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet";
    button.textContent = action.text;
    button.addEventListener("click", () => { box.remove(); action.run(); });
    box.append(button);
  }
  place.append(box);
}
