// Ten bars, one for each output of the network.
import {element, setText} from './dom.js';

/** The index of the largest value. */
export function largest(values) {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

export function createBars() {
  const items = Array.from({length: 10}, (_, digit) => {
    const bar = element('span', {class: 'bar'});
    const value = element('span', {class: 'value'}, '\u2013');
    const label = element('span', {class: 'digit'}, String(digit));
    const item =
        element('li', {}, label, element('span', {class: 'track', 'aria-hidden': 'true'}, bar), value);
    return {item, bar, value};
  });
  const list = element('ol', {class: 'bars', label: 'bars.label'}, ...items.map(({item}) => item));
  return {
    element: list,
    /** @param outputs  ten values from 0 to 1, or null: no prediction */
    update(outputs) {
      const best = outputs ? largest(outputs) : -1;
      items.forEach(({item, bar, value}, digit) => {
        bar.style.transform = `scaleY(${outputs ? Math.min(Math.max(outputs[digit], 0), 1) : 0})`;
        setText(value, outputs ? outputs[digit].toFixed(2) : '\u2013');
        item.classList.toggle('best', digit === best);
      });
    },
  };
}
