// Elements of SVG.

/**
 * An element of SVG. Attributes whose value is a function are event listeners. Children that are null are
 * left out.
 *
 *   svg('circle', {cx: 10, cy: 10, r: 4, class: 'node', click: choose})
 */
export function svg(name, attributes = {}, ...children) {
  const result = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function')
      result.addEventListener(key, value);
    else if (value !== undefined)
      result.setAttribute(key, value);
  }
  result.append(...children.flat().filter((child) => child !== null));
  return result;
}
