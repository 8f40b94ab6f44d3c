// The settings of a training: a slider and a number for each.
import {element, setInvalid} from './dom.js';

const settings = {
  learningRate: {
    start: 0.1,
    stops: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 2, 5],
    min: 0.000001,
    step: 'any'
  },
  hidden:
      {start: 200, stops: [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000], min: 1, max: 5000, step: 1},
  rotate: {start: 0, stops: [0, 2, 5, 8, 10, 12, 15, 20, 30, 45, 90], min: 0, max: 180, step: 'any'},
  epochs:
      {start: 5, stops: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30, 50, 100], min: 1, max: 100000, step: 1},
};

/** The index of the stop that is closest to a value, on a scale of equal distances. */
function closest(stops, value) {
  const next = stops.findIndex((stop) => stop >= value);
  if (next === -1) return stops.length - 1;
  return next > 0 && value - stops[next - 1] < stops[next] - value ? next - 1 : next;
}

/** A slider with round values, and a field for any number. */
function createSetting(name, {start, stops, min, max, step}, changed) {
  const id = `learn-${name}`;
  const slider = element('input', {
    type: 'range',
    min: 0,
    max: stops.length - 1,
    step: 1,
    label: `learn.${name}`,
    input: () => set(stops[slider.valueAsNumber])
  });
  const field = element('input', {
    type: 'number',
    id,
    min,
    max,
    step,
    inputmode: 'decimal',
    autocomplete: 'off',
    input: enter,
    blur: () => show()
  });
  let value = start;

  function show() {
    slider.value = closest(stops, value);
    slider.setAttribute('aria-valuetext', String(value));
    field.value = value;
    field.removeAttribute('aria-invalid');
  }

  function set(next) {
    value = next;
    show();
    changed();
  }

  function enter() {
    const valid = field.validity.valid && Number.isFinite(field.valueAsNumber);
    setInvalid(field, !valid);
    if (!valid) return;
    value = field.valueAsNumber;
    slider.value = closest(stops, value);
    slider.setAttribute('aria-valuetext', String(value));
    changed();
  }

  show();
  return {
    element: element(
        'div', {class: 'setting'},
        element(
            'label',
            {for: id, t: `learn.${name}`
            }),
        slider, field),
    get value() { return value; },
  };
}

/** @param changed  called after each change */
export function createSettings(changed) {
  const parts = Object.fromEntries(
      Object.entries(settings).map(([name, options]) => [name, createSetting(name, options, changed)]));
  const seed = element('input', {
    type: 'number',
    id: 'learn-seed',
    min: 0,
    max: 2 ** 32,
    step: 1,
    value: 1,
    autocomplete: 'off',
    input: () => seed.validity.valid && seed.value !== '' && changed()
  });
  const slow = element('input', {type: 'checkbox', id: 'learn-slow', input: changed});
  return {
    element: element(
        'div', {class: 'settings'}, ...Object.values(parts).map((part) => part.element),
        element(
            'div', {class: 'setting'},
            element(
                'label',
                {for: 'learn-seed', t: 'learn.seed'
                }),
            element('span', {class: 'hint', t: 'learn.seed.hint'}), seed),
        element(
            'div', {class: 'setting check'}, slow,
            element(
                'label',
                {for: 'learn-slow', t: 'learn.slow'
                }))),
    /** {learningRate, hidden, rotate, epochs, seed, slow} */
    get values() {
      const values = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.value]));
      return {
        ...values,
        seed: seed.validity.valid && seed.value !== '' ? seed.valueAsNumber : 1,
        slow: slow.checked
      };
    },
  };
}
