// Digits, and the outputs that a network should have for them.

export const digits = Array.from({length: 10}, (_, digit) => digit);
export const off = 0.01, on = 0.99;

/** The targets of a digit. */
export const targetsFor = (digit) => Float32Array.from(digits, (other) => (other === digit ? on : off));

/** Targets from one digit (share 0) to another (share 1), in equal steps of the output nodes' sums. */
export function mixture(from, to, share) {
  const limit = Math.log(on / off);
  const sigmoid = (sum) => 1 / (1 + Math.exp(-sum));
  const targets = new Float32Array(10).fill(off);
  if (from === to) return targetsFor(from);
  targets[from] = sigmoid(limit * (1 - 2 * share));
  targets[to] = sigmoid(limit * (2 * share - 1));
  return targets;
}
