// The confusion matrix: rows are digits, columns are predictions.
import {element} from './dom.js';

export function createConfusionTable(app) {
  const table = element('table', {class: 'confusion'});
  const sentence = element('p', {});
  let shown = null;

  function draw() {
    if (!shown) return;
    const {confusion, classes} = shown;
    const all = Array.from({length: classes}, (_, i) => i);
    const row = (digit) => Array.from(confusion.subarray(digit * classes, (digit + 1) * classes));
    const rows = all.map((digit) => {
      const counts = row(digit);
      const sum = counts.reduce((total, count) => total + count, 0);
      const share = (count) => (sum > 0 ? count / sum : 0);
      return element(
          'tr', {}, element('th', {scope: 'row'}, String(digit)),
          ...counts.map(
              (count, prediction) => element(
                  'td', {
                    class: count === 0       ? 'none' :
                        prediction === digit ? 'correct' :
                                               'wrong',
                    style: `--share: ${share(count).toFixed(3)}`,
                  },
                  String(count))),
          element(
              'td', {class: 'share'},
              sum > 0 ? app.t('learn.percent', {value: Math.round(100 * share(counts[digit]))}) : ''));
    });
    table.replaceChildren(
        element('caption', {}, app.t('learn.confusion.caption')),
        element(
            'thead', {},
            element(
                'tr', {}, element('td', {}),
                ...all.map((digit) => element('th', {scope: 'col'}, String(digit))),
                element('th', {scope: 'col'}, app.t('learn.confusion.correct')))),
        element('tbody', {}, ...rows));
    sentence.textContent = mostConfused(confusion, classes);
  }

  function mostConfused(confusion, classes) {
    let [most, at] = [0, 0];
    confusion.forEach((count, i) => {
      if (Math.floor(i / classes) !== i % classes && count > most) [most, at] = [count, i];
    });
    return most === 0 ?
        app.t('learn.confusion.none') :
        app.t(
            'learn.confusion.most', {digit: Math.floor(at / classes), prediction: at % classes, count: most});
  }

  return {
    element: element('div', {class: 'confusion-frame'}, table, sentence),
    draw,
    show(confusion, classes) {
      shown = {confusion, classes};
      draw();
    },
  };
}
