// The curves of the current and of earlier trainings, and their table.
import {createChart} from './charts.js';
import {element} from './dom.js';

const remembered = 6;
const colors = 6;  // --run-0 to --run-5

export function createRuns(app) {
  const frames = {accuracy: element('div', {class: 'curve'}), loss: element('div', {class: 'curve'})};
  const charts = {
    accuracy:
        createChart(frames.accuracy, {height: 230, formatY: (value) => app.t('learn.percent', {value})}),
    loss: createChart(frames.loss, {height: 150, formatY: (value) => String(Number(value.toPrecision(3)))}),
  };
  const body = element('tbody', {});
  const head = ['run', 'accuracy', 'trained', 'learningRate', 'hidden', 'rotate', 'seed'];
  const table = element(
      'table', {class: 'runs'}, element('caption', {t: 'learn.runs'}),
      element(
          'thead', {},
          element('tr', {}, ...head.map((name) => element('th', {scope: 'col', t: `learn.column.${name}`})))),
      body);
  let runs = [];

  const percent = (value) => app.t('learn.percent', {value: (100 * value).toFixed(1)});

  function row(run) {
    const {settings, points, color} = run;
    const last = points.at(-1);
    const {learningRate, hidden, rotate, seed} = settings;
    const cells = [
      last ? percent(last.accuracy) : '', last ? last.epochs.toFixed(last.epochs % 1 === 0 ? 0 : 1) : '',
      learningRate, hidden, rotate === 0 ? app.t('learn.noRotation') : `\u00b1${rotate}\u00b0`, seed
    ];
    return element(
        'tr', {class: run === runs.at(-1) ? 'current' : ''},
        element(
            'th', {scope: 'row'}, element('span', {class: 'swatch', style: `--series: var(--run-${color})`}),
            String(run.number)),
        ...cells.map((cell) => element('td', {}, String(cell))));
  }

  function range(runs) {
    const epochs = runs.map(({settings, points}) => Math.max(settings.epochs, points.at(-1)?.epochs ?? 0));
    return [0, Math.max(1, ...epochs)];
  }

  function describe(name, last) {
    if (!last) return app.t('learn.chart.empty');
    const value = name === 'accuracy' ? percent(last.accuracy) : last.loss.toFixed(3);
    return app.t(`learn.chart.${name}`, {epochs: last.epochs.toFixed(1), value});
  }

  // Messages may come more often than frames.
  let scheduled = false;
  function drawSoon() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      draw();
    });
  }

  function draw() {
    const current = runs.at(-1);
    if (!current) return;
    for (const [name, chart] of Object.entries(charts)) {
      const factor = name === 'accuracy' ? 100 : 1;
      const series = runs.map(
          ({points, color}) => ({
            className: points === current.points ? 'current' : 'earlier',
            color: `var(--run-${color})`,
            points: points.map((point) => [point.epochs, factor * point[name]]),
            marks:
                points.filter(({complete}) => complete).map((point) => [point.epochs, factor * point[name]]),
          }));
      const highest = Math.max(1e-9, ...runs.flatMap(({points}) => points.map((point) => point[name])));
      const ranges = {x: range(runs), y: [0, name === 'accuracy' ? 100 : highest * 1.05]};
      chart.show(series, ranges, describe(name, current.points.at(-1)));
    }
    body.replaceChildren(...[...runs].reverse().map(row));
  }

  return {
    frames,
    table,
    draw,
    clear() {
      runs = [];
      body.replaceChildren();
    },
    /** Starts a curve. The previous curve becomes fainter; it is removed if it has only its first point. */
    add(settings) {
      if (runs.at(-1)?.points.length <= 1) runs.pop();
      const number = (runs.at(-1)?.number ?? 0) + 1;
      runs = [...runs.slice(1 - remembered), {settings, points: [], number, color: (number - 1) % colors}];
    },
    /** A point: {epochs, accuracy, loss, complete}. */
    addPoint({epochs, accuracy, loss, complete}) {
      const {points} = runs.at(-1);
      if (points.at(-1)?.epochs === epochs) points.pop();
      points.push({epochs, accuracy, loss, complete});
      drawSoon();
    },
    get settings() { return runs.at(-1)?.settings ?? null; },
    set epochs(value) { runs.at(-1).settings.epochs = value; },
  };
}
