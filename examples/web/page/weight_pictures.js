// The weights into the hidden nodes as pictures, side by side on one canvas.
import {element} from './dom.js';
import {paintImage} from './image.js';

const gap = 2;

/** The values of several pictures, each `rows` x `cols`, as one picture. */
function mosaic(values, rows, cols) {
  const count = values.length / (rows * cols);
  const across = Math.ceil(Math.sqrt(count));
  const width = across * (cols + gap) - gap;
  const height = Math.ceil(count / across) * (rows + gap) - gap;
  const result = new Float32Array(width * height);
  for (let unit = 0; unit < count; ++unit) {
    const top = Math.floor(unit / across) * (rows + gap), left = unit % across * (cols + gap);
    for (let row = 0; row < rows; ++row) {
      const from = (unit * rows + row) * cols;
      result.set(values.subarray(from, from + cols), (top + row) * width + left);
    }
  }
  return {values: result, rows: height, cols: width, count};
}

/** Three times the root mean square: few values are larger. */
function scaleOf(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return 3 * Math.sqrt(sum / values.length) || 1;
}

export function createWeightPictures(app) {
  const canvas = element('canvas', {class: 'pixels weights', role: 'img', width: 298, height: 298});
  const mode = (name, checked) => element(
      'label', {class: 'choice'},
      element('input', {type: 'radio', name: 'learn-weights', value: name, checked, change: draw}),
      element('span', {t: `learn.weights.${name}`}));
  const modes = element(
      'div', {class: 'choices', role: 'radiogroup', label: 'learn.weights.choice'}, mode('weights', true),
      mode('changes', false));
  let shown = null;

  function draw() {
    if (!shown) return;
    const {weights, start, rows, cols, hidden} = shown;
    const isChange = modes.querySelector(':checked').value === 'changes';
    const values = isChange ? weights.map((value, i) => value - start[i]) : weights;
    const picture = mosaic(values, rows, cols);
    const high = scaleOf(values);
    paintImage(
        canvas, picture.values,
        {rows: picture.rows, cols: picture.cols, low: -high, high, palette: 'signed'});
    canvas.setAttribute(
        'aria-label',
        app.t(
            isChange ? 'learn.weights.changesLabel' : 'learn.weights.weightsLabel',
            {count: picture.count, hidden}));
  }

  return {
    element: element('div', {class: 'weight-pictures'}, modes, canvas),
    draw,
    /** @param restart  whether the weights are those of an untrained network */
    show(weights, {rows, cols, hidden, restart}) {
      shown = {weights, rows, cols, hidden, start: restart ? weights : shown.start};
      draw();
    },
  };
}
