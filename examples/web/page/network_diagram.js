// The 3-3-3 network as circles and lines. The drawing has the width of its container, so that its texts keep
// their size on a phone.
import {svg} from './svg.js';
import {fixed, short} from './formulas.js';

const layers = ['input', 'hidden', 'output'];
const nodes = [0, 1, 2];
const top = 72;
// At a quarter of the way, the nine lines between two layers are equally far apart: their numbers do not
// overlap.
const labelPlace = 0.25;

function geometry(width) {
  const [radius, margin, spacing] = width < 480 ? [26, 36, 114] : [34, 72, 168];
  return {
    radius,
    spacing,
    height: top + 2 * spacing + radius + 8,
    x: (layer) => margin + layer * (width - 2 * margin) / 2,
    y: (node) => top + node * spacing,
  };
}

function symbolText(x, y, name, index, className) {
  return svg(
      'text', {x, y, class: className}, svg('tspan', {class: 'name'}, name),
      svg('tspan', {class: 'index', dy: 4}, String(index + 1)));
}

function text(x, y, className, content) { return svg('text', {x, y, class: className}, content); }

/** A line from a node to a node of the next layer, with its weight. */
function link(place, layer, from, to, weight, strength, state) {
  const [x1, y1, x2, y2] = [place.x(layer), place.y(from), place.x(layer + 1), place.y(to)];
  const length = Math.hypot(x2 - x1, y2 - y1);
  const at = (distance) =>
      `${(x1 + (x2 - x1) * distance / length).toFixed(1)} ${(y1 + (y2 - y1) * distance / length).toFixed(1)}`;
  const ends = [at(place.radius), at(length - place.radius)];
  const d = `M${(state.flow === 'backward' ? ends.reverse() : ends).join('L')}`;
  const classes =
      ['link', weight < 0 ? 'negative' : '', state.active ? 'active' : '', state.focused ? 'focused' : ''];
  return svg(
      'g', {class: classes.join(' '), style: `--strength: ${strength.toFixed(2)}`}, svg('path', {d}),
      state.active && state.flow ? svg('path', {d, class: 'flow', pathLength: 1}) : null);
}

function linkLabel(place, layer, from, to, label, state) {
  const x = place.x(layer) + place.radius + 7;
  const y = place.y(from) + (to - from) * place.spacing * labelPlace;
  const classes = [
    'weight', state.active ? 'active' : '', state.focused ? 'focused' : '', state.isChange ? 'change' : ''
  ];
  // A monospaced character of 12 pixels is 7.3 pixels wide.
  return svg(
      'g', {class: classes.join(' ')},
      svg('rect', {x: x - 2, y: y - 7, width: 7.3 * label.length + 4, height: 14, rx: 3}),
      text(x, y + 4, 'label', label));
}

/**
 * @param container  gets the drawing
 * @param choose  choose(node) after a click on a hidden node or an output node
 */
export function createDiagram(container, choose) {
  const drawing = svg('svg', {role: 'img', class: 'network-diagram'});
  let shown = null;

  function nodeGroup(place, layer, node) {
    const {values, step, focus} = shown;
    const name = layers[layer];
    const [x, y] = [place.x(layer), place.y(node)];
    const active = step.layer === name;
    const classes = ['node', name, active ? 'active' : '', active && focus === node ? 'focused' : ''];
    const {lines, above} = values(name, node);
    return svg(
        'g', {class: classes.join(' '), click: layer > 0 ? () => choose(node) : undefined},
        svg('circle', {cx: x, cy: y, r: place.radius}),
        symbolText(x, y - place.radius - 9, layer === 0 ? 'I' : 'O', node, 'symbol'),
        lines.map(([kind, content], i) => text(x, y + 5 + 18 * (i - (lines.length - 1) / 2), kind, content)),
        above ? text(x, y - place.radius - 27, 'target', above) : null);
  }

  function draw() {
    if (!shown || !container.clientWidth) return;
    const width = Math.max(300, container.clientWidth);
    const place = geometry(width);
    drawing.setAttribute('viewBox', `0 0 ${width} ${place.height}`);
    drawing.setAttribute('width', width);
    drawing.setAttribute('height', place.height);
    const {weights, changes, step, focus} = shown;
    const strongest = Math.max(...weights.flatMap((matrix) => Array.from(matrix, Math.abs)), 1e-9);
    const links = [], labels = [];
    for (const layer of [0, 1]) {
      for (const from of nodes) {
        for (const to of nodes) {
          const weight = weights[layer][3 * to + from];
          const active = step.matrices.includes(layer);
          // In the backward pass, the focus is on the node that gets the error.
          const end = step.key === 'hiddenErrors' ? from : to;
          const isChange = active && changes !== null;
          const state = {active, isChange, flow: step.flow, focused: active && focus === end};
          links.push(link(place, layer, from, to, weight, Math.abs(weight) / strongest, state));
          const label = isChange ? fixed(changes[layer][3 * to + from]) : short(weight, 2);
          labels.push(linkLabel(place, layer, from, to, label, state));
        }
      }
    }
    const circles = layers.flatMap((_, layer) => nodes.map((node) => nodeGroup(place, layer, node)));
    drawing.replaceChildren(...links, ...labels, ...circles);
    if (!drawing.isConnected) container.append(drawing);
  }

  new ResizeObserver(draw).observe(container);
  return {
    /**
     * @param state  weights; changes: of the weights, shown in place of the weights, or null; step; focus: a
     *     node or null; values(layer, node): `lines` in the node, [class, text], and the text `above`
     * @param label  the text for screen readers
     */
    show(state, label) {
      shown = state;
      drawing.setAttribute('aria-label', label);
      draw();
    },
  };
}

/** The texts of a node after the steps that have been shown. */
export function nodeTexts({inputs, targets, result}, reached) {
  const [h, o] = reached('newOutputs') ? [null, result.newOutputs] : [result.hidden, result.outputs];
  const lines = (...list) =>
      list.filter(([, value]) => value !== null).map(([kind, value]) => [kind, fixed(value)]);
  const texts = {
    input: (node) => ({lines: [['value', short(inputs[node])]]}),
    hidden: (node) => ({lines: lines(
      ['sum', reached('hiddenSums') && !reached('hiddenErrors') ? result.hiddenSums[node] : null],
      ['value', reached('hiddenOutputs') && h ? h[node] : null],
      ['error', reached('hiddenErrors') && h ? result.hiddenErrors[node] : null])}),
    output: (node) => ({above: `t = ${short(targets[node])}`, lines: lines(
      ['sum', reached('outputSums') && !reached('errors') ? result.outputSums[node] : null],
      ['value', reached('outputs') ? o[node] : null],
      ['error', reached('newOutputs') ? result.newOutputErrors[node] : reached('errors') ? result.outputErrors[node] : null])}),
  };
  return (layer, node) => texts[layer](node);
}
