// The report that mnist_train writes.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';

import {browserTest, expectAccessible, expectNoHorizontalScroll, screenshot, setting, views} from './support/browser.mjs';

fs.rmSync('report', {recursive: true, force: true});
fs.mkdirSync('report');
fs.writeFileSync('report/report.html', '<!doctype html><html lang="en"><title>Report</title><link rel=icon href="data:,"><main><h1>Hello</h1></main></html>');

for (const {name, options} of views) {
  browserTest(`the report is accessible: ${name}`, 'report', async (site) => {
    const page = await site.open('report.html', options);
    await screenshot(page, `report-${name}`);
    assert.deepEqual(page.log.messages, []);
    await expectAccessible(page);
    await expectNoHorizontalScroll(page);
  });
}
