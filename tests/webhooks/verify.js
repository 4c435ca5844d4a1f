/* verify: whether the public verifier accepts what a receiver has heard, and nothing altered. */
/* SPDX-License-Identifier: Apache-2.0 */
'use strict';
const fs = require('fs');
const {Webhook} = require('standardwebhooks');

const [log, ...secrets] = process.argv.slice(2);
const heard = fs.readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
let number = 0;
let failed = 0;

function check(name, holds) {
    number += 1;
    failed += holds ? 0 : 1;
    console.log(`${holds ? 'ok' : 'not ok'} ${number} - ${name}`);
}

function accepts(secret, body, headers) {
    try {
        new Webhook(secret).verify(body, headers);
        return true;
    } catch (error) {
        return false;
    }
}

for (const one of heard)
    for (const secret of secrets) {
        const other = secret.startsWith('whsec_A') ? 'B' : 'A';
        const later = {...one, 'webhook-timestamp': String(Number(one['webhook-timestamp']) + 1)};

        check(`${one.answer}: accepted`, accepts(secret, one.body, one));
        check(`${one.answer}: altered, it is not`, !accepts(secret, `${one.body} `, one));
        check(`${one.answer}: of another time, it is not`, !accepts(secret, one.body, later));
        check(`${one.answer}: by another secret, it is not`,
            !accepts(secret.replace(/^whsec_./, `whsec_${other}`), one.body, one));
    }
check('there was something to verify', heard.length > 0 && secrets.length > 0);
console.log(`1..${number}`);
process.exitCode = failed ? 1 : 0;
