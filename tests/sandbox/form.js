/* form: the card form in a browser, embedded elsewhere, by keyboard alone. Prints TAP. */
/* SPDX-License-Identifier: Apache-2.0 */
'use strict';
const fs = require('fs');
const http = require('http');
const {spawn} = require('child_process');
const {chromium} = require('playwright-core');

const [foyer, database, chrome, shots] = process.argv.slice(2);
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
let number = 0;
let failed = 0;

function check(name, holds, why) {
    number += 1;
    failed += holds ? 0 : 1;
    console.log(`${holds ? 'ok' : 'not ok'} ${number} - ${name}`);
    if (!holds && why) console.log(`# ${why}`);
}

/* The shop: a page that embeds the form and keeps what it is told. */
function shop(card) {
    return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Shop</title><iframe title="Card details" src="${card}" width="100%" height="640"></iframe>
<script>window.told = [];
addEventListener('message', (e) => told.push({origin: e.origin, data: e.data}));</script></html>`;
}

function listen(page) {
    return new Promise((resolve) => {
        const server = http.createServer((request, response) => {
            response.setHeader('Content-Type', 'text/html');
            response.end(page.text);
        }).listen(0, '127.0.0.1', () => resolve(server));
    });
}

function sandbox(origin) {
    const child = spawn(foyer, ['sandbox', '--db', database, '--json', '--listen', '127.0.0.1:0',
        '--key', 'sk_test', '--allow-origin', origin], {stdio: ['ignore', 'pipe', 'inherit']});

    return new Promise((resolve, reject) => {
        let text = '';

        child.on('exit', () => reject(new Error(`foyer sandbox ended: ${text}`)));
        child.stdout.on('data', (bytes) => {
            text += bytes;
            if (text.includes('}')) resolve({child, port: JSON.parse(text).port});
        });
    });
}

async function focused(frame) {
    return frame.evaluate(() => document.activeElement.id || document.activeElement.tagName);
}

async function accessible(frame, name) {
    await frame.evaluate(axe);
    const found = await frame.evaluate('axe.run()');
    const why = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target)}`).join('; ');

    check(`${name}: axe finds nothing`, found.violations.length === 0, why);
}

async function type(page, ...values) {
    for (const value of values) {
        await page.keyboard.press('Control+A');
        await page.keyboard.type(value);
        await page.keyboard.press('Tab');
    }
}

async function walk(browser, name, viewport, place, card) {
    const context = await browser.newContext({viewport});
    const page = await context.newPage();
    await page.goto(place);
    const frame = page.frames().find((f) => f.url().startsWith(card));

    check(`${name}: the form is there`, Boolean(frame), page.frames().map((f) => f.url()).join());
    if (!frame) return;
    await frame.waitForSelector('#number');
    await accessible(frame, `${name}, empty`);
    const wide = await frame.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(`${name}: nothing sticks out`, wide <= 0, `${wide} px`);
    const small = await frame.evaluate(() => [...document.querySelectorAll('input, button')]
        .filter((e) => e.getBoundingClientRect().height < 44).length);
    check(`${name}: everything is large enough to touch`, small === 0);
    await page.keyboard.press('Tab');
    check(`${name}: the keyboard reaches the number`, await focused(frame) === 'number');
    await type(page, '4242 4242 4242 4241', '04/30', '123', '10115');
    check(`${name}: and the button, in order`, await focused(frame) === 'BUTTON');
    await page.keyboard.press('Enter');
    await frame.waitForSelector('#number[aria-invalid=true]');
    const error = await frame.textContent('#number-error');
    check(`${name}: C-13 the wrong field is named and has the focus`,
        /card number/.test(error) && await focused(frame) === 'number', error);
    await accessible(frame, `${name}, with an error`);
    if (shots) await page.screenshot({path: `${shots}/${name}-error.png`});
    await type(page, '5555 5555 5555 4444', '04 / 2030', '123', 'SW1A 1AA');
    await page.keyboard.press('Enter');
    await page.waitForFunction('told.length > 0');
    const told = await page.evaluate('told');
    check(`${name}: C-18 the page around it hears the token and nothing else`,
        told.length === 1 && told[0].origin === new URL(card).origin &&
        Object.keys(told[0].data).sort().join() === 'token,type' &&
        /^tok_mastercard@expires_203004-[a-z]{16}$/.test(told[0].data.token),
        JSON.stringify(told));
    const status = await frame.textContent('#status');
    check(`${name}: it says so, and the number is gone`,
        /4444/.test(status) && await frame.inputValue('#number') === '', status);
    if (shots) await page.screenshot({path: `${shots}/${name}-saved.png`});
    await context.close();
}

async function main() {
    const page = {text: ''};
    const server = await listen(page);
    const {port} = server.address();
    const origin = `http://127.0.0.1:${port}`;
    const {child, port: at} = await sandbox(origin);
    const card = `http://127.0.0.1:${at}/card?origin=${encodeURIComponent(origin)}`;
    const browser = await chromium.launch({executablePath: chrome, headless: true, args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync']});

    page.text = shop(card);
    await walk(browser, 'phone', {width: 360, height: 740}, origin, card);
    await walk(browser, 'desk', {width: 1280, height: 800}, origin, card);
    const outside = card.replace(encodeURIComponent(origin), 'http%3A%2F%2Fshop.example');
    const stranger = await browser.newPage();
    const refused = await stranger.goto(outside);
    check('an origin that is not listed gets no form', refused.status() === 403);
    await stranger.goto(`http://localhost:${port}`).catch(() => {});
    const inside = stranger.frames().find((f) => f.url().startsWith(card));
    check('a page of another origin cannot embed it',
        !inside || !(await inside.$('#number').catch(() => null)));
    await browser.close();
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
    server.close();
}

main().catch((error) => check(error.stack, false)).finally(() => {
    console.log(`1..${number}`);
    process.exit(failed ? 1 : 0);
});
