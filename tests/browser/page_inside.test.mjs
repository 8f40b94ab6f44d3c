// The view Look inside: a training step of the book's 3-3-3 network.
import assert from 'node:assert/strict';

import {browserTest, expectAccessible, expectNoHorizontalScroll, screenshot, views} from './support/browser.mjs';
import {folder, languages, openPage} from './support/page.mjs';

/** The sizes and color schemes in both languages. */
const everyView = views.flatMap(
    ({name, options}) => Object.entries(languages).map(
        ([language, locale]) => ({name: `${name}-${language}`, options: {...options, ...locale}})));

const book = {
  inputs: [0.9, 0.1, 0.8],
  targets: [0.01, 0.99, 0.01],
  weights: [
    [[0.9, 0.3, 0.4], [0.2, 0.8, 0.2], [0.1, 0.5, 0.6]], [[0.3, 0.7, 0.5], [0.6, 0.5, 0.2], [0.8, 0.1, 0.9]]
  ],
  rate: 0.1,
};
const stepCount = 11;

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const times = (matrix, vector) =>
    matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i], 0));
const transpose = (matrix) => matrix[0].map((_, i) => matrix.map((row) => row[i]));
const loss = (errors) => errors.reduce((sum, error) => sum + error * error / 2, 0);

/** A training step by the formulas of the book. */
function trained({inputs, targets, weights: [first, last], rate}) {
  const hidden = times(first, inputs).map(sigmoid);
  const outputs = times(last, hidden).map(sigmoid);
  const errors = targets.map((target, i) => target - outputs[i]);
  const hiddenErrors = times(transpose(last), errors);
  const change = (e, y, x) => e.map((error, i) => x.map((value) => rate * error * y[i] * (1 - y[i]) * value));
  const changes = [change(hiddenErrors, hidden, inputs), change(errors, outputs, hidden)];
  const weights = [first, last].map(
      (matrix, k) => matrix.map((row, i) => row.map((value, j) => value + changes[k][i][j])));
  return {errors, hiddenErrors, changes, weights, loss: loss(errors)};
}

const numbers = (text) => text.replaceAll('\u2212', '-').match(/-?\d+\.?\d*/g).map(Number);

/** The numbers in the last matrix of a formula. */
async function lastMatrix(tab, formula) {
  const cells = tab.locator('.equations .formula').nth(formula).locator('.matrix').last().locator('.cell');
  return numbers((await cells.allTextContents()).join(' '));
}

function expectNear(values, expected, tolerance, what) {
  assert.equal(values.length, expected.length, what);
  values.forEach(
      (value, i) =>
          assert.ok(Math.abs(value - expected[i]) <= tolerance, `${what}: ${values}, expected ${expected}`));
}

const goTo = (tab, step) => tab.click(`.step-numbers li:nth-child(${step}) button`);

browserTest('the numbers are those of the worked example in the book', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  for (const [step, expected] of [
           [2, [1.16, 0.42, 0.62]], [3, [0.761, 0.603, 0.650]], [4, [0.975, 0.888, 1.254]],
           [5, [0.726, 0.708, 0.778]]]) {
    await goTo(tab, step);
    expectNear(
        await lastMatrix(tab, 1), expected, 0.0011,
        `step ${step}`);  // the book continues with rounded values
  }
});

browserTest('errors and changes of the weights follow the formulas of the book', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  const expected = trained(book);
  await goTo(tab, 6);
  expectNear(await lastMatrix(tab, 1), expected.errors, 0.0005, 'errors');
  await goTo(tab, 7);
  expectNear(await lastMatrix(tab, 1), expected.hiddenErrors, 0.0005, 'hidden errors');
  await goTo(tab, 8);
  expectNear(await lastMatrix(tab, 1), expected.changes[1].flat(), 0.00005, 'changes of the last weights');
  await goTo(tab, 9);
  expectNear(await lastMatrix(tab, 1), expected.changes[0].flat(), 0.00005, 'changes of the first weights');
  await goTo(tab, 10);
  expectNear(await lastMatrix(tab, 2), expected.weights[0].flat(), 0.00005, 'new first weights');
  expectNear(await lastMatrix(tab, 5), expected.weights[1].flat(), 0.00005, 'new last weights');
});

browserTest('each line is a product or a sum of products that gives its result', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  const readLines = async (step) => {
    await goTo(tab, step);
    const lines = await tab.locator('.lines li').all();
    assert.equal(lines.length, 3);
    return Promise.all(lines.map(
        async (line) => numbers((await line.locator('.number, .cell').allTextContents()).join(' '))));
  };
  for (const step of [2, 4, 7]) {
    for (const values of await readLines(step)) {
      const sum = [0, 2, 4].reduce((total, i) => total + values[i] * values[i + 1], 0);
      assert.ok(Math.abs(sum - values[6]) < 0.0025, `step ${step}: ${values}`);
    }
  }
  for (const step of [8, 9]) {
    for (const [rate, error, output, sameOutput, ...rest] of await readLines(step)) {
      const factor = rate * error * output * (1 - sameOutput);
      expectNear(rest.slice(3), rest.slice(0, 3).map((x) => factor * x), 0.0001, `step ${step}`);
    }
  }
});

browserTest('a changed number changes the results at once', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  await goTo(tab, 2);
  await tab.getByLabel('Input of node 1').fill('0');
  expectNear(await lastMatrix(tab, 1), [0.35, 0.24, 0.53], 1e-9, 'sums');
  await tab.getByLabel('Weight from input node 2 to hidden node 3').fill('-2');
  expectNear(await lastMatrix(tab, 1), [0.35, 0.24, 0.28], 1e-9, 'sums');
  await tab.getByLabel('Input of node 1').press('ArrowUp');
  expectNear(await lastMatrix(tab, 1), [0.44, 0.26, 0.29], 1e-9, 'sums');
});

browserTest('a comma in a number is a point', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  const field = tab.getByLabel('Input of node 1');
  await field.selectText();
  await field.pressSequentially('0,25');
  assert.equal(await field.inputValue(), '0.25');
  await field.selectText();
  await tab.keyboard.insertText('0,5');
  assert.equal(await field.inputValue(), '0.5');
});

browserTest('an impossible number is explained and leaves the results', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  await goTo(tab, 6);
  const before = await lastMatrix(tab, 1);
  await tab.getByLabel('Target of output node 2').fill('2');
  assert.match(await tab.textContent('.inside .problem'), /t\(1, 0\) is 2, expected 0 to 1/);
  assert.deepEqual(await lastMatrix(tab, 1), before);
  await tab.getByLabel('Target of output node 2').fill('0.5');
  assert.equal(await tab.textContent('.inside .problem'), '');
  assert.notDeepEqual(await lastMatrix(tab, 1), before);
  await tab.getByLabel('Target of output node 2').fill('');
  assert.equal(await tab.getByLabel('Target of output node 2').getAttribute('aria-invalid'), 'true');
});

browserTest('training makes the error smaller, and the reset restores the book', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  const trainings = [];
  for (let example = book; trainings.length <= 111; example = {...book, weights: trained(example).weights}) {
    trainings.push(trained(example).loss);
  }
  const read = async () => numbers(await tab.textContent('.trained'));
  for (const [button, count] of [['Train once', 1], ['10 times', 11], ['100 times', 111]]) {
    await tab.getByRole('button', {name: button}).click();
    expectNear(await read(), [count, trainings[count], trainings[0]], 0.00005, button);
  }
  assert.ok(trainings[111] < trainings[11] && trainings[11] < trainings[1]);
  await tab.getByRole('button', {name: 'Back to the book\'s numbers'}).click();
  assert.match(await tab.textContent('.trained'), /Not trained/);
  assert.equal(await tab.getByLabel('Weight from input node 1 to hidden node 1').inputValue(), '0.9');
});

browserTest('the keyboard leads through all steps', folder, async (site) => {
  const tab = await openPage(site, 'inside');
  const titles = new Set();
  await tab.getByRole('button', {name: 'Next'}).focus();
  for (let step = 1; step <= stepCount; ++step) {
    assert.equal(await tab.locator('.step-numbers [aria-current]').textContent(), String(step));
    titles.add(await tab.textContent('.explanation h2'));
    if (step < stepCount) await tab.keyboard.press('Enter');
  }
  assert.equal(titles.size, stepCount);
  await goTo(tab, 2);
  await tab.locator('.lines button').nth(1).press('Enter');
  assert.deepEqual(await tab.locator('.equations .marked').allTextContents(), ['0.2', '0.8', '0.2', '0.420']);
  assert.equal(await tab.locator('.link.focused').count(), 3);
});

browserTest('nothing moves for people who asked for less motion', folder, async (site) => {
  for (const [reducedMotion, moving] of [['reduce', 0], ['no-preference', 9]]) {
    const tab = await openPage(site, 'inside', {reducedMotion});
    await goTo(tab, 2);
    assert.equal(
        await tab.evaluate(() => document.getAnimations().filter(({animationName}) => animationName).length),
        moving);
  }
});

for (const {name, options} of everyView) {
  browserTest(`Look inside is accessible and fits: ${name}`, folder, async (site) => {
    const tab = await openPage(site, 'inside', {...options, reducedMotion: 'reduce'});
    for (let step = 1; step <= stepCount; ++step) {
      await goTo(tab, step);
      await expectNoHorizontalScroll(tab);
      if ([1, 8].includes(step)) await expectAccessible(tab);
      if ([2, 8, 10].includes(step)) await screenshot(tab, `page-inside-${step}-${name}`);
    }
  });
}
