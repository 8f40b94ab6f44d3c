// What one training step did: the digit, the outputs before and after, the errors and the changed weights.
import {element} from './dom.js';
import {fixed} from './formulas.js';
import {paintImage} from './image.js';

export function createOneStep(app) {
  const canvases = {digit: element('canvas', {class: 'pixels', role: 'img', width: 28, height: 28}),
                    change: element('canvas', {class: 'pixels', role: 'img', width: 28, height: 28})};
  const title = element('h2', {});
  const text = element('p', {});
  const table = element('table', {class: 'outputs'});
  const changed = element('p', {class: 'hint'});
  const root = element('section', {class: 'card one-step', hidden: true}, title,
    element('div', {class: 'one-step-columns'},
      element('figure', {}, canvases.digit, element('figcaption', {t: 'learn.step.digit'})),
      element('div', {}, text, element('div', {class: 'table-frame', tabindex: 0, role: 'region', label: 'learn.step.table'}, table)),
      element('figure', {}, canvases.change, element('figcaption', {t: 'learn.step.change'}))), changed);
  let shown = null;

  function draw() {
    root.hidden = shown === null;
    if (!shown) return;
    const {label, copy, inputs, targets, rows, cols, before, after, change, samples} = shown;
    const {t} = app;
    const turned = ['learn.step.asItIs', 'learn.step.left', 'learn.step.right'][copy];
    title.textContent = t('learn.step.title', {samples: samples.toLocaleString('en')});
    text.textContent = t('learn.step.text', {label, turned: t(turned), before: fixed(before[label], 2), after: fixed(after[label], 2)});
    paintImage(canvases.digit, inputs, {rows, cols});
    const high = change.largest || 1;
    paintImage(canvases.change, change.values, {rows, cols, low: -high, high, palette: 'signed'});
    canvases.digit.setAttribute('aria-label', t('learn.step.digitLabel', {label}));
    canvases.change.setAttribute('aria-label', t('learn.step.changeLabel', {unit: change.unit + 1}));
    changed.textContent = t('learn.step.changed', {unit: change.unit + 1, largest: Number(change.largest.toPrecision(2))});
    const line = (key, values, kind) => element('tr', {class: kind}, element('th', {scope: 'row'}, t(key)),
      ...Array.from(values, (value, i) => element('td', {class: i === label ? 'label' : ''}, fixed(value, 2))));
    table.replaceChildren(
      element('thead', {}, element('tr', {}, element('th', {scope: 'col'}, t('learn.step.output')),
        ...Array.from(targets, (_, i) => element('th', {scope: 'col', class: i === label ? 'label' : ''}, String(i))))),
      element('tbody', {}, line('learn.step.target', targets, 'target'), line('learn.step.before', before, 'before'),
        line('learn.step.error', targets.map((target, i) => target - before[i]), 'error'), line('learn.step.after', after, 'after')));
  }

  return {
    element: root,
    draw,
    show(step) {
      shown = step;
      draw();
    },
  };
}
