// Line charts. A chart has the width of its container; its lines are series of [x, y].
import {svg} from './svg.js';

const margin = {
  left: 44,
  right: 12,
  top: 12,
  bottom: 26
};

/** Round steps of an axis: at most `count` intervals. */
function tickStep(range, count, whole) {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  return whole ? Math.max(1, Math.round(step)) : step;
}

function ticks([low, high], count, whole) {
  const step = tickStep(high - low, count, whole);
  const values = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-6; ++i) values.push(i * step);
  return values;
}

function path(points, x, y) {
  return points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`)
      .join('');
}

/**
 * @param container  gets the chart
 * @param options  height; formatX, formatY: texts of the numbers at the axes
 */
export function createChart(
    container, {height = 220, formatX = String, formatY = String, wholeX = true} = {}) {
  const drawing = svg('svg', {role: 'img', class: 'chart', height});
  container.append(drawing);
  let shown = null;

  function axes(x, y, width) {
    const {ranges} = shown;
    const bottom = height - margin.bottom;
    return [
      ...ticks(ranges.y, height > 200 ? 5 : 3, false)
          .map(
              (value) => svg(
                  'g', {class: 'tick'},
                  svg('line', {x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value)}),
                  svg('text', {x: margin.left - 8, y: y(value) + 4, 'text-anchor': 'end'}, formatY(value)))),
      ...ticks(ranges.x, Math.max(2, Math.floor(width / 90)), wholeX)
          .map(
              (value) => svg(
                  'g', {class: 'tick'}, svg('line', {x1: x(value), x2: x(value), y1: bottom, y2: bottom + 4}),
                  svg('text', {x: x(value), y: bottom + 18, 'text-anchor': 'middle'}, formatX(value)))),
    ];
  }

  function draw() {
    if (!shown || !container.clientWidth) return;
    const width = container.clientWidth;
    const {series, ranges} = shown;
    const scale = ([low, high], from, to) => (value) => from + (value - low) / (high - low) * (to - from);
    const x = scale(ranges.x, margin.left, width - margin.right);
    const y = scale(ranges.y, height - margin.bottom, margin.top);
    const lines =
        series.filter(({points}) => points.length > 0)
            .map(
                ({points, marks = [], className, color}) => svg(
                    'g', {class: `series ${className}`, style: color ? `--series: ${color}` : undefined},
                    svg('path', {d: path(points, x, y)}),
                    marks.map(
                        ([px, py]) => svg('circle', {cx: x(px).toFixed(1), cy: y(py).toFixed(1), r: 3.5}))));
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    drawing.setAttribute('width', width);
    drawing.replaceChildren(...axes(x, y, width), ...lines);
  }

  new ResizeObserver(draw).observe(container);
  return {
    /**
     * @param series  {points, marks, className, color}: the last one is drawn on top
     * @param ranges  {x: [low, high], y: [low, high]}
     * @param label  the text for screen readers
     */
    show(series, ranges, label) {
      shown = {series, ranges};
      drawing.setAttribute('aria-label', label);
      draw();
    },
  };
}
