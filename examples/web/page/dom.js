// Elements without HTML text.

/**
 * An element. Attributes whose value is a function are event listeners; `t` and `label` are keys of
 * strings.js, for the text and for the aria-label; `true` sets an attribute without value, and `false` leaves
 * it out.
 *
 *   element('button', {type: 'button', class: 'quiet', t: 'draw.undo', click: () => undo()})
 */
export function element(name, attributes = {}, ...children) {
  const result = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      result.addEventListener(key, value);
    } else if (value !== false && value !== undefined) {
      result.setAttribute({t: 'data-t', label: 'data-t-label'}[key] ?? key, value === true ? '' : value);
    }
  }
  result.append(...children);
  return result;
}

/** A button. */
export function button(t, click, attributes = {}) {
  return element('button', {type: 'button', t, click, ...attributes});
}

/** Sets a text. An unchanged text costs no layout. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

const point = new Intl.NumberFormat().formatToParts(0.5)[1].value;  // of the browser's language

/**
 * Handles beforeinput: writes a point for the comma in a number such as 0,2. Browsers whose decimal sign is a
 * point drop the comma and read 2.
 */
export function acceptComma(event) {
  const {target, data} = event;
  if (point !== '.' || target.type !== 'number' || !/^[^.,]*,[^.,]*$/.test(data ?? '')) return;
  event.preventDefault();
  document.execCommand('insertText', false, data.replace(',', '.'));
}

/** Marks a field for screen readers, too, to which an attribute without a value means valid. */
export function setInvalid(field, invalid) {
  if (invalid)
    field.setAttribute('aria-invalid', 'true');
  else
    field.removeAttribute('aria-invalid');
}
