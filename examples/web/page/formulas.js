// Formulas of numbers, vectors and matrices, typeset by HTML and CSS: many devices have no font for the
// brackets of MathML. Each part has a property `spoken`, the text for screen readers.
import {element} from './dom.js';

const minus = '\u2212';

/** A number with a fixed count of decimals and a minus sign of the right width: -0.7161 as "-0.716". */
export function fixed(value, decimals = 3) {
  const text = value.toFixed(decimals);
  return (/^-0\.?0*$/.test(text) ? text.slice(1) : text).replace('-', minus);
}

/** A number with as many decimals as it needs, but at most `decimals`: 0.9 as "0.9". */
export function short(value, decimals = 3) {
  return String(Number(value.toFixed(decimals)) || 0).replace('-', minus);
}

/** Numbers with the same count of decimals: as many as they need, but at most `decimals`. */
export function aligned(values, decimals = 3) {
  const needed =
      Math.max(...Array.from(values, (value) => short(value, decimals).split('.')[1]?.length ?? 0));
  return Array.from(values, (value) => fixed(value, needed));
}

/** A negative number in brackets, for products and differences. */
export const bracketed = (text) => (text.startsWith(minus) ? `(${text})` : text);

function part(node, spoken) {
  node.spoken = spoken;
  return node;
}

/** Symbol with subscript and superscript: symbol('W', 'ho', 'T'). */
export function symbol(name, subscript = '', superscript = '') {
  const node = element('span', {class: 'symbol'}, element('i', {}, name));
  if (subscript) node.append(element('sub', {}, subscript));
  if (superscript) node.append(element('sup', {}, superscript));
  return part(node, [name, subscript, superscript].filter(Boolean).join(' '));
}

export const operator = (text) => part(element('span', {class: 'operator'}, text), text);

/** @param kind  a class: input, target, weight, computed, error, change */
export const number = (text, kind) => part(element('span', {class: `number ${kind}`}, text), text);
/** A number in a product or a difference. */
export const operand = (text, kind) => number(bracketed(text), kind);

/**
 * @param rows  texts of the cells
 * @param kind  a class, as for number
 * @param marked  row => whether the row is marked
 */
export function matrix(rows, kind, marked = () => false) {
  const cells = rows.flatMap(
      (row, i) => row.map((text) => element('span', {class: marked(i) ? 'cell marked' : 'cell'}, text)));
  const columns = rows[0].length;
  const node = element('span', {class: `matrix ${kind}`, style: `--columns: ${columns}`}, ...cells);
  return part(node, `(${rows.map((row) => row.join(', ')).join('; ')})`);
}

export const vector = (texts, kind, marked) => matrix(texts.map((text) => [text]), kind, marked);

/** Parts in a line that is read as one formula. */
export function formula(...parts) {
  const label = parts.map(({spoken}) => spoken).join(' ');
  return element('span', {class: 'formula', role: 'math', 'aria-label': label}, ...parts);
}
