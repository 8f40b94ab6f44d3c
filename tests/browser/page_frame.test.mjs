// The frame of the page: tabs, languages, models, accessibility, layout, work without a network connection.
import assert from 'node:assert/strict';
import fs from 'node:fs';

import {browserTest, expectAccessible, expectNoHorizontalScroll, packageNamed, screenshot, views} from './support/browser.mjs';
import {digitStrokes, draw} from './support/digit_strokes.mjs';
import {folder, languages, loadModel, moduleOf, openPage, recordShifts, startEngine} from './support/page.mjs';

const tabs = ['draw', 'dream', 'learn', 'inside'];
const {strings} = await moduleOf('strings.js');
const notice = (page) => page.textContent('#notice p');
const best = (page) => page.textContent('.view.draw .best .digit');

for (const {name, options} of views) {
  for (const [language, locale] of Object.entries(languages)) {
    browserTest(`every view is accessible: ${name}, ${language}`, folder, async (site) => {
      const page = await openPage(site, 'draw', {...options, ...locale});
      assert.equal(await page.textContent('h1 + p'), strings[language]['page.lead']);
      await draw(page, '.pad', digitStrokes[3]);
      for (const tab of tabs) {
        await page.click(`#tab-${tab}`);
        await screenshot(page, `page-${tab}-${name}-${language}`);
        await expectAccessible(page);
        await expectNoHorizontalScroll(page);
      }
    });
  }
}

browserTest(
    'both languages have the same strings, and a string has the same values in both', folder, async () => {
      assert.deepEqual(Object.keys(strings.zh), Object.keys(strings.en));
      const values = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
      for (const key of Object.keys(strings.en)) {
        assert.deepEqual(values(strings.zh[key]), values(strings.en[key]), key);
        assert.doesNotMatch(
            strings.zh[key], /[\u3400-\u9fff][,:;?!]|[,:;?!][\u3400-\u9fff]/,
            `${key}: half-width punctuation`);
      }
    });

browserTest('the language can be changed in every view and is remembered', folder, async (site) => {
  const page = await openPage(site);
  for (const tab of tabs) {
    await page.click(`#tab-${tab}`);
    await page.click('[data-language=zh]');
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-Hans');
    assert.equal(await page.title(), strings.zh['page.title']);
    const text = await page.innerText(`#view-${tab}`);
    const english =
        Object.values(strings.en).filter((value) => /^[A-Z].* .* /.test(value) && text.includes(value));
    assert.deepEqual(english, []);
    await page.reload({waitUntil: 'networkidle'});
    assert.equal(await page.textContent('h1 + p'), strings.zh['page.lead']);
    await page.click('[data-language=en]');
  }
});

for (const language of Object.keys(languages)) {
  browserTest(`html-validate finds no error in the page: ${language}`, folder, async (site) => {
    const {HtmlValidate} = packageNamed('html-validate');
    const page = await openPage(site, 'draw', languages[language]);
    for (const tab of tabs) await page.click(`#tab-${tab}`);
    const validate = async (html, rules) => {
      const {results} =
          await new HtmlValidate({extends: ['html-validate:recommended'], rules}).validateString(html);
      return results.flatMap(
          ({messages}) => messages.map(({ruleId, message, line}) => `${line}: ${ruleId}: ${message}`));
    };
    // The browser serializes HTML in its own style, with the styles that scripts set, and with a hidden card
    // that has no title yet. Lists may have a label, and scrolling frames a role.
    const serialized = {
      'aria-label-misuse': ['error', {allowAnyNamable: true}],
      'empty-heading': 'off',
      'prefer-native-element': ['error', {exclude: ['region']}],
      'doctype-style': 'off',
      'attribute-boolean-style': 'off',
      'attribute-empty-style': 'off',
      'no-inline-style': 'off',
      'no-trailing-whitespace': 'off',
      'void-style': 'off',
    };
    assert.deepEqual(await validate(await page.content(), serialized), []);
    // The texts of index.html are in strings.js.
    const source = fs.readFileSync(`${folder}/index.html`, 'utf8');
    assert.deepEqual(await validate(source, {'text-content': 'off', 'wcag/h30': 'off'}), []);
  });
}

browserTest('tabs follow the ARIA pattern and have deep links', folder, async (site) => {
  const page = await openPage(site, 'learn');
  const selected = () => page.getAttribute('[role=tab][aria-selected=true]', 'id');
  const visible = () =>
      page.$$eval('[role=tabpanel]', (all) => all.filter(({hidden}) => !hidden).map(({id}) => id));
  assert.equal(await selected(), 'tab-learn');
  await page.focus('#tab-learn');
  for (const [key, expected] of [
           ['ArrowRight', 'inside'], ['ArrowRight', 'draw'], ['ArrowLeft', 'inside'], ['Home', 'draw'],
           ['End', 'inside']]) {
    await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => document.activeElement.id), `tab-${expected}`);
    assert.equal(await selected(), `tab-${expected}`);
    assert.deepEqual(await visible(), [`view-${expected}`]);
    assert.ok(page.url().endsWith(`#${expected}`));
  }
  assert.equal(await page.locator('[role=tab][tabindex="0"]').count(), 1);
  await page.goBack();
  assert.equal(await selected(), 'tab-draw');
});

browserTest('nothing moves while the page loads and while one draws', folder, async (site) => {
  for (const {options} of views.filter(({name}) => name.endsWith('light'))) {
    const page = await openPage(site, 'draw', options);
    await page.waitForLoadState('networkidle');
    await page.context().addInitScript(recordShifts);
    await page.route('**/engine.wasm', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    for (const tab of tabs) {
      await page.goto('about:blank');
      await page.goto(`${site.server.url}index.html#${tab}`);
      await page.waitForSelector('html[data-ready]', {state: 'attached'});
      if (tab === 'draw')
        for (const strokes of digitStrokes.slice(2, 5)) await draw(page, '.pad', strokes);
      await page.waitForTimeout(300);
      const moved = (await page.evaluate(() => globalThis.shifts)).filter(({input}) => !input);
      assert.deepEqual(moved, [], `${tab}, ${options.width} pixels wide`);
    }
  }
});

browserTest('a loaded page works without a network connection', folder, async (site) => {
  const page = await openPage(site);
  await page.waitForLoadState('networkidle');
  await page.context().setOffline(true);
  await draw(page, '.pad', digitStrokes[2]);
  assert.equal(await best(page), '2');
  for (const tab of tabs) await page.click(`#tab-${tab}`);
  await page.click('#tab-dream');
  await page.click('.mixer button >> nth=4');
  await page.click('[data-language=zh]');
  const download = page.waitForEvent('download');
  await page.click('#save-model');
  await (await download).path();
});

browserTest('a model is loaded, saved, and loaded again', folder, async (site) => {
  const engine = await startEngine();
  const network = engine.createNetwork({layerSizes: [784, 30, 20, 10], learningRate: 0.05, seed: 3});
  const page = await openPage(site);
  assert.match(await loadModel(page, network.save(), 'small.model'), /^small\.model is in use.*784-30-20-10/);
  assert.equal(await page.textContent('#model-sizes'), '784-30-20-10');
  const download = page.waitForEvent('download');
  await page.click('#save-model');
  const saved = await download;
  assert.equal(saved.suggestedFilename(), 'digits.model');
  const again = engine.loadNetwork(fs.readFileSync(await saved.path()));
  const inputs = Float32Array.from({length: 784}, (_, i) => (i % 7) / 7);
  assert.deepEqual(again.query(inputs), network.query(inputs));
});

browserTest('a wrong model is rejected in words and the network stays', folder, async (site) => {
  const engine = await startEngine();
  const modelOf = (layerSizes) => engine.createNetwork({layerSizes, learningRate: 0.1, seed: 1}).save();
  const page = await openPage(site);
  await draw(page, '.pad', digitStrokes[8]);
  const values = () =>
      page.$$eval('.view.draw .bars .value', (all) => all.map(({textContent}) => textContent));
  const before = await values();
  const damaged = modelOf([784, 20, 10]);
  damaged[500] ^= 1;
  for (const [name, bytes, expected] of [
           ['letters.model', modelOf([784, 20, 26]), /784-20-26 nodes.*784 inputs.*10 outputs/],
           ['small.model', modelOf([100, 20, 10]), /100-20-10 nodes/],
           ['damaged.model', damaged, /damaged\.model is damaged or cut short\..*network is unchanged/],
           ['short.model', modelOf([784, 20, 10]).slice(0, 1000), /short\.model is damaged or cut short/],
           ['digits.csv', Buffer.from('5,0,0'), /digits\.csv is no model.*view Learn/],
           ['notes.txt', Buffer.from('no model'), /notes\.txt is no model of backquery\. .*unchanged\.$/],
           ['a.png', Buffer.from('\x89PNG', 'latin1'), /a\.png is a picture.*Photo in the view Draw/],
           ['empty.model', Buffer.from(''), /empty\.model is no model of backquery\. .*unchanged\.$/],
  ]) {
    assert.match(await loadModel(page, bytes, name), expected, name);
    assert.ok(await page.locator('#notice.error').isVisible());
    await page.click('#notice button');
  }
  assert.equal(await page.textContent('#model-sizes'), '784-200-10');
  assert.deepEqual(await values(), before);
});

/** Drops a file on the page. */
async function drop(page, name, type, bytes) {
  const transfer = await page.evaluateHandle(([fileName, fileType, values]) => {
    const result = new DataTransfer();
    result.items.add(new File([new Uint8Array(values)], fileName, {type: fileType}));
    return result;
  }, [name, type, [...bytes]]);
  for (const event of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('main', event, {dataTransfer: transfer});
}

browserTest('files that are dropped go to their view', folder, async (site) => {
  const engine = await startEngine();
  const page = await openPage(site, 'inside');
  await drop(
      page, 'x.bqm', '', engine.createNetwork({layerSizes: [784, 5, 10], learningRate: 0.1, seed: 1}).save());
  await page.waitForFunction(() => document.querySelector('#model-sizes').textContent === '784-5-10');
  const picture = await page.screenshot({clip: {x: 0, y: 0, width: 200, height: 80}});
  await drop(page, 'title.png', 'image/png', picture);
  await page.waitForSelector('#tab-draw[aria-selected=true]');
  assert.ok(await page.isHidden('#drop-hint'));
  await page.waitForSelector('.view.draw .best');
});

browserTest('a file that cannot be read, such as a folder, is named', folder, async (site) => {
  const page = await openPage(site);
  await page.evaluate(() => {
    File.prototype.arrayBuffer = async () => {
      throw new DOMException('A requested file could not be read', 'NotReadableError');
    };
  });
  await drop(page, 'folder', '', Buffer.from(''));
  await page.waitForSelector('#notice.error:not([hidden])');
  assert.equal(await notice(page), 'folder: A requested file could not be read');
});

browserTest('a notice ends with Escape and with the view', folder, async (site) => {
  const page = await openPage(site);
  const model = Buffer.from('no model');
  await loadModel(page, model);
  await page.keyboard.press('Escape');
  assert.ok(await page.isHidden('#notice'));
  await loadModel(page, model);
  await page.click('#tab-learn');
  assert.ok(await page.isHidden('#notice'));
});

browserTest('a browser without WebAssembly shows a message', folder, async (site) => {
  const page = await openPage(site);
  await page.context().addInitScript(() => {
    globalThis.WebAssembly.instantiate = async () => {
      throw new WebAssembly.CompileError('invalid opcode 0xfd');
    };
  });
  await page.reload();
  await page.waitForSelector('#notice.error:not([hidden])');
  assert.match(await notice(page), /could not be started: .*invalid opcode.*WebAssembly SIMD and exceptions/);
  await draw(page, '.pad', digitStrokes[1]);  // nothing breaks
  for (const tab of tabs) await page.click(`#tab-${tab}`);
  page.log.faults = page.log.faults.filter((fault) => !fault.includes('invalid opcode'));  // Emscripten warns
});

browserTest('the links at the end of the page lead somewhere', folder, async (site) => {
  const page = await openPage(site);
  const links = await page.$$eval('footer a', (all) => all.map(({href}) => href));
  assert.equal(links.length, 2);
  for (const link of links) assert.ok((await page.request.get(link)).ok(), link);
});

browserTest('the speed of the device is measured on demand', folder, async (site) => {
  const page = await openPage(site);
  await page.click('#measure');
  await page.waitForFunction(() => /[\d.]+.*[\d.]+/.test(document.querySelector('#speed').textContent));
});
