// Lets lighthouse judge pages in a browser that is open and signed in: `node lighthouse.mjs PORT FOLDER NAME=URL…`, where PORT
// leads to the browser's developer tools. Cookies stay, caches don't: a page is met as if for the first time. Prints one line of
// JSON for each page and keeps its report in FOLDER. The modules lie in WHEELHOUSE_TEST_NODE.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = createRequire(join(process.env.WHEELHOUSE_TEST_NODE, 'package.json'));
const { default: lighthouse, desktopConfig } = await import(pathToFileURL(modules.resolve('lighthouse')));

const [port, folder, ...pages] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const page of pages) {
    const [name, url] = [page.slice(0, page.indexOf('=')), page.slice(page.indexOf('=') + 1)];
    const flags = {
        port: Number(port),
        output: ['html', 'json'],
        logLevel: 'error',
        onlyCategories: ['performance', 'accessibility', 'best-practices'],
    };
    let { lhr, report } = await lighthouse(url, flags, desktopConfig);
    // On a busy machine the browser's record of a page may lack its beginning.
    for (let again = 0; lhr.runtimeError && again < 3; again += 1) {
        ({ lhr, report } = await lighthouse(url, flags, desktopConfig));
    }
    ['html', 'json'].forEach((ending, at) => writeFileSync(join(folder, `lighthouse-${name}.${ending}`), report[at]));
    const score = (category) => Math.round((lhr.categories[category]?.score ?? 0) * 100);
    const audits = (category) => (lhr.categories[category]?.auditRefs ?? []).map((ref) => ({ ...ref, ...lhr.audits[ref.id] }));
    const failed = (category) => audits(category)
        .filter((audit) => audit.score !== null && audit.score < 1 && audit.scoreDisplayMode !== 'informative')
        .map((audit) => {
            const items = audit.details?.items ?? [];
            const things = items.map((item) => item.node?.snippet ?? item.description ?? item.url ?? '');
            return `${audit.id}: ${audit.title} ${things.join('; ')}`;
        });
    const slow = audits('performance')
        .filter((audit) => audit.weight > 0)
        .map((audit) => ({ lost: audit.weight * (1 - (audit.score ?? 0)), ...audit }))
        .sort((a, b) => b.lost - a.lost)
        .map((audit) => `${audit.id}: ${audit.displayValue}, ${audit.lost.toFixed(1)} points`);
    const value = (audit) => lhr.audits[audit]?.numericValue ?? 0;
    const asked = lhr.audits['network-requests']?.details?.items ?? [];
    console.log(JSON.stringify({
        name,
        shown: lhr.finalDisplayedUrl,
        broken: lhr.runtimeError?.message ?? null,
        performance: score('performance'),
        accessibility: score('accessibility'),
        best_practices: score('best-practices'),
        found: [...failed('accessibility'), ...failed('best-practices')],
        slow,
        largest_paint_ms: value('largest-contentful-paint'),
        blocking_ms: value('total-blocking-time'),
        transferred_bytes: value('total-byte-weight'),
        data_bytes: asked.filter((item) => new URL(item.url).pathname.startsWith('/api/'))
            .reduce((sum, item) => sum + (item.transferSize ?? 0), 0),
        layout_shift: value('cumulative-layout-shift'),
        requests: asked.length,
        files: asked.filter((item) => new URL(item.url).pathname.startsWith('/pkg/')).length,
    }));
}
