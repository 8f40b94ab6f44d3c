// One training of a 3-3-3 network in steps: the formulas of each step with their numbers.
import {aligned, bracketed, fixed, formula, matrix, number, operand, operator, short, symbol, vector} from './formulas.js';

const nodes = [0, 1, 2];
const equals = () => operator('=');
const plus = () => operator('+');
const minus = () => operator('\u2212');
const times = () => operator('\u00b7');
const eachTimes = () => operator('\u2218');  // product of vectors, value by value

const fixeds = (values) => Array.from(values, (value) => fixed(value));
const smalls = (values) => Array.from(values, (value) => fixed(value, 4));
const row = (values, i) => Array.from(values).slice(3 * i, 3 * i + 3);
const rows = (texts) => nodes.map((i) => row(texts, i));
const transposed = (matrix) => nodes.map((j) => matrix.map((texts) => texts[j]));
const is = (focus) => (i) => i === focus;

/** result = factor values: a matrix product, and the sum of products for each node. */
function product({result, factor, factorRows, values, texts, kind, sums, sumKind}) {
  const terms = (i) => nodes.flatMap(
      (k) =>
          [...(k > 0 ? [plus()] : []), operand(factorRows[i][k], 'weight'), times(),
           operand(texts[k], kind)]);
  return {
    equations: (focus) =>
        [formula(symbol(...result), equals(), symbol(...factor), times(), symbol(...values)),
         formula(
             matrix(factorRows, 'weight', is(focus)), times(), vector(texts, kind), equals(),
             vector(sums, sumKind, is(focus)))],
    lines: nodes.map((i) => formula(...terms(i), equals(), number(sums[i], sumKind))),
  };
}

function sigmoid(layer, sums, outputs) {
  return {
    equations: (focus) =>
        [formula(symbol('O', layer), equals(), operator('sigmoid ('), symbol('X', layer), operator(')')),
         formula(
             operator('sigmoid'), vector(sums, 'computed', is(focus)), equals(),
             vector(outputs, 'computed', is(focus)))],
    lines: nodes.map(
        (i) => formula(
            operator('1 / (1 +'), symbol('e', '', `\u2212${bracketed(sums[i])}`),
            operator(')'), equals(), number(outputs[i], 'computed'))),
  };
}

/** The changes of the weights into each node of a layer: L (E o O o (1 - O)) times the outputs below. */
function changes({name, layer, rate, errors, outputs, below, belowTexts, belowKind, weightChanges}) {
  const [e, o] = [fixeds(errors), fixeds(outputs)];
  const o1 = (node) => [operator('(1'), minus(), node, operator(')')];
  return {
    equations: (focus) =>
        [formula(
             symbol('\u0394W', name), equals(), symbol('L'), times(), operator('('), symbol('E', layer),
             eachTimes(), symbol('O', layer), eachTimes(), ...o1(symbol('O', layer)), operator(')'), times(),
             symbol(...below, 'T')),
         formula(
             symbol('\u0394W', name), equals(), matrix(rows(smalls(weightChanges)), 'change', is(focus)))],
    lines: nodes.map(
        (i) => formula(
            operand(short(rate, 4), 'rate'), times(), operand(e[i], 'error'), times(),
            number(o[i], 'computed'), times(), ...o1(number(o[i], 'computed')), times(),
            matrix([belowTexts], belowKind), equals(), matrix([row(smalls(weightChanges), i)], 'change'))),
  };
}

function sum(name, before, change, after, focus) {
  return [
    formula(symbol('W', name), plus(), symbol('\u0394W', name)),
    formula(
        matrix(rows(aligned(before, 4)), 'weight', is(focus)), plus(),
        matrix(rows(smalls(change)), 'change', is(focus))),
    formula(equals(), matrix(rows(smalls(after)), 'weight', is(focus)))
  ];
}

/**
 * The steps. Each has the key of its texts; the layer of nodes and the matrices of weights that it is about;
 * the direction in which the signals flow; and make(example), its formulas: equations(focus) for all nodes
 * (focus: the marked node or null), and a line for each node. An example has inputs, targets, weights,
 * learningRate, and the result of engine.workedExample.
 */
export const steps = [
  {
    key: 'signals',
    layer: 'input',
    matrices: [],
    make: ({inputs, targets}) => ({
      equations: () =>
          [formula(symbol('I'), equals(), vector(aligned(inputs), 'input')),
           formula(symbol('T'), equals(), vector(aligned(targets), 'target'))],
      lines: [],
    })
  },
  {
    key: 'hiddenSums',
    layer: 'hidden',
    matrices: [0],
    flow: 'forward',
    make: ({inputs, weights, result}) => product({
      result: ['X', 'hidden'],
      factor: ['W', 'ih'],
      factorRows: rows(aligned(weights[0])),
      values: ['I'],
      texts: aligned(inputs),
      kind: 'input',
      sums: fixeds(result.hiddenSums),
      sumKind: 'computed',
    })
  },
  {
    key: 'hiddenOutputs',
    layer: 'hidden',
    matrices: [],
    make: ({result}) => sigmoid('hidden', fixeds(result.hiddenSums), fixeds(result.hidden))
  },
  {
    key: 'outputSums',
    layer: 'output',
    matrices: [1],
    flow: 'forward',
    make: ({weights, result}) => product({
      result: ['X', 'output'],
      factor: ['W', 'ho'],
      factorRows: rows(aligned(weights[1])),
      values: ['O', 'hidden'],
      texts: fixeds(result.hidden),
      kind: 'computed',
      sums: fixeds(result.outputSums),
      sumKind: 'computed',
    })
  },
  {
    key: 'outputs',
    layer: 'output',
    matrices: [],
    make: ({result}) => sigmoid('output', fixeds(result.outputSums), fixeds(result.outputs))
  },
  {
    key: 'errors',
    layer: 'output',
    matrices: [],
    make: ({targets, result}) => {
      const [t, o, e] = [aligned(targets), fixeds(result.outputs), fixeds(result.outputErrors)];
      return {
        equations: (focus) =>
            [formula(symbol('E', 'output'), equals(), symbol('T'), minus(), symbol('O', 'output')),
             formula(
                 vector(t, 'target', is(focus)), minus(), vector(o, 'computed', is(focus)), equals(),
                 vector(e, 'error', is(focus)))],
        lines: nodes.map(
            (i) => formula(
                number(t[i], 'target'), minus(), operand(o[i], 'computed'), equals(), number(e[i], 'error'))),
      };
    }
  },
  {
    key: 'hiddenErrors',
    layer: 'hidden',
    matrices: [1],
    flow: 'backward',
    make: ({weights, result}) => product({
      result: ['E', 'hidden'],
      factor: ['W', 'ho', 'T'],
      factorRows: transposed(rows(aligned(weights[1]))),
      values: ['E', 'output'],
      texts: fixeds(result.outputErrors),
      kind: 'error',
      sums: fixeds(result.hiddenErrors),
      sumKind: 'error',
    })
  },
  {
    key: 'outputChanges',
    layer: 'output',
    matrices: [1],
    flow: 'backward',
    make: ({learningRate, result}) => changes({
      name: 'ho',
      layer: 'output',
      rate: learningRate,
      errors: result.outputErrors,
      outputs: result.outputs,
      below: ['O', 'hidden'],
      belowTexts: fixeds(result.hidden),
      belowKind: 'computed',
      weightChanges: result.weightChanges[1],
    })
  },
  {
    key: 'hiddenChanges',
    layer: 'hidden',
    matrices: [0],
    flow: 'backward',
    make: ({inputs, learningRate, result}) => changes({
      name: 'ih',
      layer: 'hidden',
      rate: learningRate,
      errors: result.hiddenErrors,
      outputs: result.hidden,
      below: ['I', ''],
      belowTexts: aligned(inputs),
      belowKind: 'input',
      weightChanges: result.weightChanges[0],
    })
  },
  {
    key: 'newWeights',
    layer: null,
    matrices: [0, 1],
    make: ({weights, result}) => ({
      equations: (focus) => [['ih', 0], ['ho', 1]].flatMap(
          ([name, layer]) =>
              sum(name, weights[layer], result.weightChanges[layer], result.newWeights[layer], focus)),
      lines: [],
    })
  },
  {
    key: 'newOutputs',
    layer: 'output',
    matrices: [0, 1],
    flow: 'forward',
    make: ({targets, result}) => ({
      equations: (focus) =>
          [formula(symbol('O', 'output'), equals(), vector(fixeds(result.newOutputs), 'computed', is(focus))),
           formula(
               symbol('T'), minus(), symbol('O', 'output'), equals(),
               vector(fixeds(result.newOutputErrors), 'error', is(focus)))],
      lines: [],
    })
  },
];
