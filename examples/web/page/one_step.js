// One training step: the digit, the outputs before and after, the errors, and the changes of the weights.
import {element} from './dom.js';
import {fixed} from './formulas.js';
import {paintImage} from './image.js';

export function createOneStep(app) {
  const canvases = {
    digit: element('canvas', {class: 'pixels', role: 'img', width: 28, height: 28}),
    change: element('canvas', {class: 'pixels', role: 'img', width: 28, height: 28})
  };
  const title = element('h2', {});
  const text = element('p', {});
  const table = element('table', {class: 'outputs'});
  const changed = element('p', {class: 'hint'});
  const root = element(
      'section', {class: 'card one-step', hidden: true}, title,
      element(
          'div', {class: 'one-step-columns'},
          element('figure', {}, canvases.digit, element('figcaption', {t: 'learn.step.digit'})),
          element('figure', {}, canvases.change, element('figcaption', {t: 'learn.step.change'})),
          element('div', {}, text, table, changed)));
  let shown = null;

  function draw() {
    root.hidden = shown === null;
    if (!shown) return;
    const {label, copy, inputs, targets, rows, cols, before, after, change, samples} = shown;
    const {t} = app;
    const turned = ['learn.step.asItIs', 'learn.step.left', 'learn.step.right'][copy];
    title.textContent = t('learn.step.title', {samples: samples.toLocaleString('en')});
    text.textContent =
        t('learn.step.text',
          {label, turned: t(turned), before: fixed(before[label], 2), after: fixed(after[label], 2)});
    paintImage(canvases.digit, inputs, {rows, cols});
    const high = change.largest || 1;
    paintImage(canvases.change, change.values, {rows, cols, low: -high, high, palette: 'signed'});
    canvases.digit.setAttribute('aria-label', t('learn.step.digitLabel', {label}));
    canvases.change.setAttribute('aria-label', t('learn.step.changeLabel', {unit: change.unit + 1}));
    changed.textContent =
        t('learn.step.changed', {unit: change.unit + 1, largest: Number(change.largest.toPrecision(2))});
    const columns = [
      ['target', targets], ['before', before], ['error', targets.map((target, i) => target - before[i])],
      ['after', after]
    ];
    const row = (_, digit) => element(
        'tr', {class: digit === label ? 'label' : ''}, element('th', {scope: 'row'}, String(digit)),
        ...columns.map(([name, values]) => element('td', {class: name}, fixed(values[digit], 2))));
    table.replaceChildren(
        element('caption', {}, t('learn.step.table')),
        element(
            'thead', {},
            element(
                'tr', {},
                ...['output', ...columns.map(([name]) => name)].map(
                    (name) => element('th', {scope: 'col'}, t(`learn.step.${name}`))))),
        element('tbody', {}, ...Array.from(targets, row)));
  }

  return {
    element: root,
    draw,
    /** @return a sentence about the step */
    show(step) {
      shown = step;
      draw();
      return text.textContent;
    },
  };
}
