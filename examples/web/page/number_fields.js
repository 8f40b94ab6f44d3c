// Numbers that can be changed: fields in rows and columns, such as a matrix of weights.
import {element, setInvalid} from './dom.js';

/**
 * @param options  columns; values: the numbers, row by row; name(i): the text for screen readers; change():
 *     called after each number that is entered; step: the change by an arrow key. A field without a valid
 *     number is marked, and change is not called.
 * @return element, values, set(values), translate()
 */
export function createNumberFields({columns, values, name, change, step = 0.1}) {
  const fields = Array.from(values, (_, i) => element('input', {
                                      type: 'number',
                                      step: 'any',
                                      inputmode: 'decimal',
                                      autocomplete: 'off',
                                      input: () => enter(i),
                                      change: () => enter(i),
                                      blur: () => restore(i),
                                      keydown: (event) => move(event, i),
                                    }));
  const grid = element(
      'span', {class: columns > 1 ? 'number-fields wide' : 'number-fields', style: `--columns: ${columns}`},
      ...fields);
  let shown = Array.from(values);

  function enter(i) {
    const value = fields[i].valueAsNumber;
    const isNumber = Number.isFinite(value);
    setInvalid(fields[i], !isNumber);
    if (isNumber && value !== shown[i]) {
      shown[i] = value;
      change();
    }
  }

  function restore(i) {
    if (!Number.isFinite(fields[i].valueAsNumber)) show(i);
  }

  // Steps of 0.1 from any number: the browser's own steps start from a multiple.
  function move(event, i) {
    const direction = {ArrowUp: 1, ArrowDown: -1}[event.key];
    if (!direction || !Number.isFinite(fields[i].valueAsNumber)) return;
    event.preventDefault();
    const moved = fields[i].valueAsNumber + direction * step;
    fields[i].value = Number(moved.toFixed(6));
    enter(i);
  }

  function show(i) {
    fields[i].value = Number(shown[i].toFixed(4));
    fields[i].removeAttribute('aria-invalid');
  }

  fields.forEach((_, i) => show(i));
  return {
    element: grid,
    get values() { return shown; },
    set(next) {
      shown = Array.from(next);
      fields.forEach((_, i) => show(i));
    },
    translate() { fields.forEach((field, i) => field.setAttribute('aria-label', name(i))); },
  };
}
