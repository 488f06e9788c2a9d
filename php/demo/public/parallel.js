'use strict';

// Without this script the forms work as well: the page that answers has the eight requests as images.

/**
 * Milliseconds between the requests. Of connections that come at the very same moment, PHP's built-in server often
 * takes two with one process, which then serves them one after the other.
 */
const APART = 10;

const said = document.getElementById('said');
const reducedMotion = window.matchMedia('(prefers-reduced-motion: reduce)');
let isRunning = false;

for (const form of document.querySelectorAll('.run form')) {
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (isRunning) {
            return;
        }
        isRunning = true;
        setButtons(true);
        try {
            await run(form, event.submitter);
        } catch (error) {
            said.textContent = `${error.message}.`;
            said.classList.remove('visually-hidden');
        }
        setButtons(false);
        isRunning = false;
    });
}

async function run(form, button) {
    said.classList.add('visually-hidden');
    said.textContent = 'Eight requests are under way.';

    // With the token in it that protects the form.
    const body = new URLSearchParams(new FormData(form));
    body.set(button.name, button.value);
    const begun = await pageAt(form.action, { method: 'POST', body });
    const images = [...begun.querySelectorAll('.lanes img')];
    const addresses = images.map((image) => image.getAttribute('src'));
    images.forEach((image) => image.remove());
    show(begun);

    const result = document.getElementById(`run-${button.value}`);
    const bars = [...result.querySelectorAll('.lanes li')].map((lane) => bar(lane, Number(result.dataset.axis)));
    const start = performance.now();
    const elapsed = () => performance.now() - start;

    let isOver = false;
    const grow = () => {
        bars.forEach((each) => each.grow(elapsed()));
        if (!isOver) {
            requestAnimationFrame(grow);
        }
    };
    if (!reducedMotion.matches) {
        grow();
    }
    const ends = await Promise.allSettled(addresses.map(async (address, at) => {
        await pause(at * APART);
        const answer = await fetchOrFail(address);
        bars[at].end(elapsed(), await answer.json());
    }));
    isOver = true;

    show(await pageAt('/parallel'));
    const failed = ends.filter((end) => end.status === 'rejected').length;
    if (failed > 0) {
        throw new Error(`${failed} of 8 requests got no answer`);
    }
    const outcome = document.querySelectorAll(`#run-${button.value} :is(.outcome, .kept > div)`);
    const lines = [...outcome].map((line) => line.textContent.trim().replace(/\s+/g, ' '));
    said.textContent = lines.join(', ') || 'Nothing was kept: the session was ended meanwhile.';
}

/** What one lane shows until all have ended. Then the server draws it, from what the session has kept. */
function bar(lane, axis) {
    const [queue, wait, work] = ['.queue', '.wait', '.work'].map((part) => lane.querySelector(part));
    const percent = (time) => `${Math.max(0, 100 * time / axis)}%`;
    let isEnded = false;

    return {
        grow(now) {
            if (!isEnded) {
                queue.setAttribute('x2', percent(now));
            }
        },
        end(now, { worker, arrived, began, ended }) {
            isEnded = true;
            const [beginning, arrival] = [now - (ended - began), now - (ended - arrived)];
            queue.setAttribute('x2', percent(arrival));
            wait.setAttribute('x', percent(arrival));
            wait.setAttribute('width', percent(beginning - arrival));
            work.setAttribute('x', percent(beginning));
            work.setAttribute('width', percent(now - beginning));
            lane.className = 'done';
            lane.querySelector('.who').textContent = worker;
        },
    };
}

function pause(time) {
    return new Promise((resolve) => {
        setTimeout(resolve, time);
    });
}

async function pageAt(address, options = {}) {
    const answer = await fetchOrFail(address, options);
    return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

async function fetchOrFail(address, options = {}) {
    const answer = await fetch(address, options);
    if (!answer.ok) {
        throw new Error(`The server’s answer was ${answer.status}`);
    }
    return answer;
}

function show(page) {
    for (const selector of ['#run-off', '#run-on', '.log']) {
        document.querySelector(selector).replaceWith(page.querySelector(selector));
    }
}

/** Not disabled: that would take the focus from the button. */
function setButtons(isBusy) {
    for (const button of document.querySelectorAll('.run button')) {
        button.setAttribute('aria-disabled', isBusy);
    }
}
