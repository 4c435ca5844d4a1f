/* card: sends what was typed to the sandbox alone; the page around it hears the token only. */
/* SPDX-License-Identifier: Apache-2.0 */
const form = document.getElementById('card');
const button = form.querySelector('button');
const status = document.getElementById('status');
const names = ['number', 'expiry', 'cvc', 'postal'];
const missing = {
    number: 'Write the card number.',
    expiry: 'Write the expiry date.',
    cvc: 'Write the security code.',
    postal: 'Write the postal code of your billing address.',
};

function mark(name, text) {
    document.getElementById(`${name}-error`).textContent = text;
    if (text) form[name].setAttribute('aria-invalid', 'true');
    else form[name].removeAttribute('aria-invalid');
}

/* The first field that is wrong gets the focus. */
function show(wrong) {
    for (const name of names) mark(name, wrong[name] || '');
    const first = names.find((name) => wrong[name]);
    if (first) form[first].focus();
    return !first;
}

function empty() {
    return Object.fromEntries(names.filter((name) => !form[name].value.trim())
        .map((name) => [name, missing[name]]));
}

async function tokenize() {
    const typed = Object.fromEntries(names.map((name) => [name, form[name].value]));
    const reply = await fetch('/v1/tokens', {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify(typed),
    });

    return reply.json();
}

function saved(card) {
    form.reset();
    status.textContent = `Card ending in ${card.last4} is saved.`;
    if (window.parent !== window)
        window.parent.postMessage({type: 'card.token', token: card.token}, form.dataset.origin);
}

form.addEventListener('submit', async (event) => {
    event.preventDefault();
    status.textContent = '';
    if (!show(empty())) return;
    button.disabled = true;
    try {
        const card = await tokenize();
        if (card.error && card.error.field) show({[card.error.field]: card.error.message});
        else if (card.token) saved(card);
        else status.textContent = 'The card could not be saved. Try again.';
    } catch (error) {
        status.textContent = 'The sandbox cannot be reached. Try again.';
    }
    button.disabled = false;
});
