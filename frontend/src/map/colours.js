// Colours come from the page's tokens, so that light, dark and print are one set. Read afresh, since they change with the scheme.
let root;

export function token(name) {
  root ??= getComputedStyle(document.documentElement);
  return root.getPropertyValue(`--${name}`).trim();
}

/** The hue of a kind; what has none is grey. */
export const hue = (name) => (name && token(name)) || token("ink-2");

/** A token's colour with an opacity. */
export function tint(name, opacity) {
  const colour = token(name);
  const hex = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1, 7);
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgb(${red} ${green} ${blue} / ${opacity})`;
}

export const face = (size, weight = 600) => `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
