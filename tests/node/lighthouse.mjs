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
        output: 'html',
        logLevel: 'error',
        onlyCategories: ['performance', 'accessibility', 'best-practices'],
    };
    let { lhr, report } = await lighthouse(url, flags, desktopConfig);
    // On a busy machine the browser's record of a page may lack its beginning.
    for (let again = 0; lhr.runtimeError && again < 3; again += 1) {
        ({ lhr, report } = await lighthouse(url, flags, desktopConfig));
    }
    writeFileSync(join(folder, `lighthouse-${name}.html`), report);
    const score = (category) => Math.round((lhr.categories[category]?.score ?? 0) * 100);
    const failed = (category) => (lhr.categories[category]?.auditRefs ?? [])
        .map((ref) => lhr.audits[ref.id])
        .filter((audit) => audit.score !== null && audit.score < 1 && audit.scoreDisplayMode !== 'informative')
        .map((audit) => {
            const items = audit.details?.items ?? [];
            const things = items.map((item) => item.node?.snippet ?? item.description ?? item.url ?? '');
            return `${audit.id}: ${audit.title} ${things.join('; ')}`;
        });
    console.log(JSON.stringify({
        name,
        shown: lhr.finalDisplayedUrl,
        broken: lhr.runtimeError?.message ?? null,
        performance: score('performance'),
        accessibility: score('accessibility'),
        best_practices: score('best-practices'),
        found: [...failed('accessibility'), ...failed('best-practices')],
        largest_paint_ms: lhr.audits['largest-contentful-paint']?.numericValue ?? 0,
        blocking_ms: lhr.audits['total-blocking-time']?.numericValue ?? 0,
        transferred_bytes: lhr.audits['total-byte-weight']?.numericValue ?? 0,
        layout_shift: lhr.audits['cumulative-layout-shift']?.numericValue ?? 0,
    }));
}
