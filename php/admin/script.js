(() => {
    'use strict';

    const root = document.documentElement;
    const KEY = 'holdfast-admin-colours';
    const COLOURS = ['auto', 'light', 'dark'];

    // Private windows and strict settings may have no storage: the choice then holds for this page.
    const remembered = () => {
        try {
            return localStorage.getItem(KEY);
        } catch {
            return null;
        }
    };

    const paint = (colours) => {
        if (colours === 'auto') {
            delete root.dataset.colours;
        } else {
            root.dataset.colours = colours;
        }
    };

    // Before anything is drawn.
    let colours = COLOURS.includes(remembered()) ? remembered() : 'auto';
    paint(colours);
    root.classList.add('scripted');

    const addColourSwitch = () => {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'quiet colours';
        const label = () => {
            button.textContent = {auto: 'Auto', light: 'Light', dark: 'Dark'}[colours];
            button.setAttribute('aria-label', `Colours: ${colours}`);
        };
        button.addEventListener('click', () => {
            colours = COLOURS[(COLOURS.indexOf(colours) + 1) % COLOURS.length];
            paint(colours);
            label();
            try {
                localStorage.setItem(KEY, colours);
            } catch {
                // See remembered().
            }
        });
        label();
        document.querySelector('.who').append(button);
    };

    // Times by the clock of who looks, for who points at them.
    const localTimes = () => {
        const clock = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});
        for (const time of document.querySelectorAll('time[title]')) {
            time.title = clock.format(new Date(time.dateTime));
        }
    };

    // Asks on the page itself what the page "end" asks for browsers without scripts.
    const askHere = () => {
        const dialog = document.getElementById('ask');
        if (!dialog) {
            return;
        }
        const form = dialog.querySelector('form');
        document.addEventListener('click', (event) => {
            const link = event.target.closest('a[data-end]');
            if (!link || event.ctrlKey || event.metaKey || event.shiftKey) {
                return;
            }
            event.preventDefault();
            form.elements.hf_end.value = link.dataset.end;
            form.elements.hf_whom.value = link.dataset.whom;
            dialog.querySelector('h2').textContent = link.dataset.title;
            dialog.querySelector('p').textContent = link.dataset.text;
            dialog.querySelector('button.danger').textContent = link.dataset.do;
            dialog.showModal();
        });
        dialog.querySelector('button[type=button]').addEventListener('click', () => dialog.close());
        // A press beside it.
        dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    };

    const SVG = 'http://www.w3.org/2000/svg';
    const EVERY = 2000;
    // Points of a chart: it grows wider up to the most, and then the oldest go.
    const LEAST = 30;
    const POINTS = 90;

    const whole = new Intl.NumberFormat('en-US');
    const number = (value) => whole.format(Math.round(value));
    const rate = (value) => value === 0 || value >= 100 ? number(value) : value.toFixed(value >= 10 ? 1 : 2);
    const bytes = (count) => {
        const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
        let unit = 0;
        let size = count;
        for (; size >= 1000 && unit < units.length - 1; ++unit) {
            size /= 1024;
        }
        return `${size.toFixed(unit === 0 || size >= 100 ? 0 : 1)} ${units[unit]}`;
    };

    const element = (name, attributes, parent) => {
        const made = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes)) {
            made.setAttribute(key, value);
        }
        return parent.appendChild(made);
    };

    /** The least round number that is not below. */
    const roundUp = (value) => {
        const power = 10 ** Math.floor(Math.log10(value));
        return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
    };

    /** A card with a chart: some figures over the last minutes. */
    class Chart {
        constructor(card) {
            this.name = card.querySelector('h2').textContent;
            this.isRate = card.classList.contains('rate');
            this.values = [...card.querySelectorAll('[data-figure]')];
            this.points = this.values.map(() => []);
            const chart = card.querySelector('.chart');
            this.svg = element('svg', {viewBox: '0 0 100 100', preserveAspectRatio: 'none', role: 'img'}, chart);
            element('path', {class: 'grid', d: 'M0 0H100M0 50H100M0 100H100'}, this.svg);
            this.areas = this.values.map((_, line) => element('path', {class: `area line-${line}`}, this.svg));
            this.lines = this.values.map((_, line) => element('path', {class: `line line-${line}`}, this.svg));
            this.scale = document.createElement('span');
            this.scale.className = 'scale';
            chart.append(this.scale);
        }

        add(figures, before) {
            const said = [];
            this.values.forEach((value, line) => {
                const figure = value.dataset.figure;
                let point = figures[figure];
                if (this.isRate) {
                    // A store that was made anew counts from 0.
                    point = Math.max(0, point - before[figure]) * 1000 / (figures.at - before.at);
                    value.querySelector('i').textContent = 'a second';
                }
                const shown = this.isRate ? rate(point) : number(point);
                value.querySelector('b').textContent = shown;
                said.push(`${value.querySelector('span')?.textContent ?? ''} ${shown}`.trim());
                this.points[line].push(point);
                this.points[line].splice(0, this.points[line].length - POINTS);
            });
            this.draw();
            this.svg.setAttribute('aria-label', `${this.name}${this.isRate ? ' a second' : ''}, the last minutes; at present ${said.join(', ')}`);
        }

        draw() {
            const most = roundUp(Math.max(1, ...this.points.flat()));
            this.scale.textContent = number(most);
            this.points.forEach((points, line) => {
                const step = 100 / (Math.max(points.length, LEAST) - 1);
                const first = 100 - step * (points.length - 1);
                const at = points.map((point, index) => `${(first + step * index).toFixed(2)} ${(100 - 100 * point / most).toFixed(2)}`);
                const drawn = at.length > 1;
                this.lines[line].setAttribute('d', drawn ? `M${at.join('L')}` : '');
                this.areas[line].setAttribute('d', drawn ? `M${first.toFixed(2)} 100L${at.join('L')}L100 100Z` : '');
            });
        }
    }

    const showMemory = (figures) => {
        for (const place of document.querySelectorAll('[data-bytes]')) {
            place.textContent = bytes(figures[place.dataset.bytes]);
        }
        if (figures.capacity_bytes > 0) {
            const share = 100 * figures.used_bytes / figures.capacity_bytes;
            document.querySelector('[data-share]').textContent = share.toFixed(1);
            document.querySelector('[data-share-bar]').setAttribute('width', share.toFixed(2));
        }
        const shards = document.querySelectorAll('[data-shard]');
        if (shards.length !== figures.parts.length) {
            return;
        }
        const used = figures.parts.map((part) => part.used_bytes);
        const fullest = Math.max(1, ...used);
        shards.forEach((shard, index) => {
            const height = 100 * used[index] / fullest;
            shard.setAttribute('height', height.toFixed(2));
            shard.setAttribute('y', (100 - height).toFixed(2));
            shard.querySelector('title').textContent = `Shard ${index}: ${bytes(used[index])}, ${number(figures.parts[index].sessions)} records`;
        });
        document.querySelector('.shards').setAttribute(
            'aria-label',
            `Memory of ${used.length} shards: from ${bytes(Math.min(...used))} to ${bytes(fullest)}`,
        );
    };

    const watch = () => {
        const figuresPart = document.getElementById('figures');
        if (!figuresPart) {
            return;
        }
        const pulse = document.getElementById('pulse');
        const charts = [...figuresPart.querySelectorAll('[data-chart]')].map((card) => new Chart(card));
        let before = null;
        let timer = 0;

        const say = (text, isWrong) => {
            if (pulse.textContent !== text) {
                pulse.textContent = text;
            }
            pulse.classList.toggle('wrong', isWrong);
        };

        const ask = async () => {
            clearTimeout(timer);
            if (document.hidden) {
                return;
            }
            try {
                const answer = await fetch(figuresPart.dataset.figures, {credentials: 'same-origin', signal: AbortSignal.timeout(10 * EVERY)});
                if (answer.status === 403) {
                    say('You may not see this any more. Reload the page.', true);
                    return;
                }
                if (!answer.ok) {
                    throw new Error(String(answer.status));
                }
                const figures = await answer.json();
                figures.at = performance.now();
                if (before) {
                    charts.forEach((chart) => chart.add(figures, before));
                    showMemory(figures);
                    for (const place of document.querySelectorAll('[data-total]')) {
                        place.textContent = number(figures[place.dataset.total]);
                    }
                }
                before = figures;
                say('Live', false);
            } catch {
                say('The site does not answer; trying again', true);
            }
            timer = setTimeout(ask, EVERY);
        };

        document.addEventListener('visibilitychange', ask);
        ask();
    };

    document.addEventListener('DOMContentLoaded', () => {
        addColourSwitch();
        localTimes();
        askHere();
        watch();
    });
})();
