/* lint: what a public linter says of the description of the API, as TAP. */
/* SPDX-License-Identifier: Apache-2.0 */
'use strict';
const {createConfig, lint} = require('@redocly/openapi-core');

const rules = {'paths-kebab-case': 'error', 'operation-parameters-unique': 'error'};

async function main(file) {
    const config = await createConfig({extends: ['recommended-strict'], rules});
    const problems = await lint({ref: file, config});
    console.log('1..1');
    for (const p of problems)
        console.log(`# ${p.ruleId}: ${p.message} ${p.location.map((at) => at.pointer).join(' ')}`);
    console.log(`${problems.length ? 'not ok' : 'ok'} 1 - OpenAPI is clean under a public linter`);
    return problems.length ? 1 : 0;
}

main(process.argv[2]).then((status) => { process.exitCode = status; });
