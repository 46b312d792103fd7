// Set up once in a page that a test walks through: goes where the portal would go by a link, plays what the API may answer to
// questions (never to the one who is signed in) and, with `sends`, to what is sent, waits until the page is still, and says what
// it shows.
if (!window.stage) {
    const WAITING = "main .skeleton, main .row-waiting, main [aria-busy='true']";
    const QUIET = 80;
    const PATIENCE = 15000;
    const PROBLEMS = {
        failed: [500, 'internal', 'Something went wrong on our side', 'The request id finds it in the logs.'],
        refused: [403, 'forbidden', 'You may not do this', 'Your role does not let you do this.'],
    };
    const stage = { plays: 'as_it_is', sends: false, open: 0, changed: performance.now() };
    window.stage = stage;

    const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const waits = () => [...document.querySelectorAll(WAITING)].some((one) => one.checkVisibility());
    const fetched = window.fetch.bind(window);
    window.fetch = (asked, init) => {
        const url = new URL(asked.url ?? asked, location.href);
        const reads = (init?.method ?? asked.method ?? 'GET') === 'GET';
        // What is sent goes through unless a test plays an answer to that, too.
        const played = reads ? url.pathname !== '/api/v1/session' : stage.sends;
        if (played && url.pathname.startsWith('/api/v1/')) {
            if (stage.plays === 'waiting') return new Promise(() => {});
            if (stage.plays === 'offline') return Promise.reject(new TypeError('Failed to fetch'));
            const problem = PROBLEMS[stage.plays];
            if (problem) {
                const [status, code, title, detail] = problem;
                const body = { type: `/problems/${code}`, title, status, code, detail, request_id: 'a-request' };
                const headers = { 'content-type': 'application/problem+json' };
                return Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
            }
        }
        stage.open += 1;
        return fetched(asked, init).finally(() => { stage.open -= 1; });
    };
    const noted = () => { stage.changed = performance.now(); };
    new MutationObserver(noted).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });

    // What looks the same but for numbers, times and whose it is, is the same.
    const same = async (elements) => {
        const plain = elements.map((element) => {
            const copy = element.cloneNode(true);
            copy.querySelectorAll('time, .user-words, .avatar').forEach((one) => { one.textContent = ''; one.removeAttribute('title'); });
            copy.querySelectorAll('[aria-current]').forEach((one) => one.removeAttribute('aria-current'));
            return copy.outerHTML.replace(/[0-9a-f]*\d[0-9a-f.-]*/g, '#');
        });
        const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(plain.join()));
        return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    };

    stage.says = async (still) => {
        const main = document.querySelector('main');
        const words = main?.innerText ?? '';
        const frame = [...document.querySelectorAll('.sidebar, .stage > [role=status]')];
        const again = [...document.querySelectorAll("main [role='alert'] button")].some((b) => b.textContent.includes('Try again'));
        return {
            page: main ? await same([main]) : '',
            frame: await same(frame),
            still,
            path: location.pathname,
            title: document.title,
            headings: document.querySelectorAll('main h1').length,
            waits: waits(),
            failed: document.querySelector('main .state-error') !== null,
            again,
            refused: words.includes('You may not see this'),
            unreachable: words.includes("The server can't be reached"),
            cut_off: (document.querySelector('.banner')?.innerText ?? '').includes('offline'),
            stopped: document.querySelector('#stopped')?.hidden === false,
            wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        };
    };

    stage.visits = async (path, plays, stays) => {
        stage.plays = plays;
        // What was put on to be judged in is taken off.
        if (document.documentElement.dataset.theme === 'dark') document.documentElement.dataset.theme = 'light';
        // What is shown before and after may be the same elements with other words in them, and comes after the address.
        const face = () => `${document.title} ${document.querySelector('main h1')?.innerText}`;
        const [left, before, from] = [document.querySelector('main > *'), face(), location.href];
        const link = document.createElement('a');
        link.href = path;
        const leads = link.href !== from;
        document.body.append(link);
        link.click();
        link.remove();
        let arrived = !leads;
        const there = () => {
            if (!arrived && location.href !== from) {
                arrived = true;
                noted();
            }
            return arrived && (stays || left?.isConnected !== true || face() !== before);
        };
        return stage.says(await stage.rests(there));
    };

    // Waits until nothing moves: whether it came to that.
    stage.rests = async (also = () => true) => {
        const begun = performance.now();
        const still = () => performance.now() - stage.changed > QUIET
            && document.querySelector('main h1') !== null
            && (stage.plays === 'waiting' || (stage.open === 0 && !waits()));
        // Long lists draw what is in sight first and the rest with the frames, which come late on a busy machine.
        const rests = async () => {
            const there = also();
            const before = stage.changed;
            await frames();
            return there && before === stage.changed && still();
        };
        let rested;
        do { rested = await rests(); } while (!rested && performance.now() - begun < PATIENCE);
        return rested;
    };

    // The address and what a reader sees there, times left out, as they go on.
    stage.reads = () => {
        const times = [...document.querySelectorAll('main time')];
        const said = times.map((time) => time.textContent);
        times.forEach((time) => { time.textContent = ''; });
        const words = document.querySelector('main').innerText.replace(/\s+/g, ' ');
        times.forEach((time, at) => { time.textContent = said[at]; });
        const fields = [...document.querySelectorAll('main input, main select')].map((field) => (
            field.type === 'checkbox' || field.type === 'radio' ? field.checked : field.value
        ));
        const pressed = [...document.querySelectorAll('main [aria-pressed], main [aria-current], main [aria-sort]')]
            .map((one) => `${one.innerText} ${one.ariaPressed} ${one.getAttribute('aria-current')} ${one.ariaSort}`);
        return `${location.pathname}${location.search} ${words} ${fields.join('|')} ${pressed.join('|')}`;
    };

    // Puts on that theme: whether one sees the same elements in it, so that nothing but their colours can be others.
    stage.wears = async (theme) => {
        const all = { opacityProperty: true, visibilityProperty: true };
        const seen = () => [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility(all));
        const before = seen();
        document.documentElement.dataset.theme = theme;
        await frames();
        const after = seen();
        return before.length === after.length && before.every((one, at) => one === after[at]);
    };
}
