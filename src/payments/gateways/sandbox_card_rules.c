/* sandbox_card_rules: the test cards and the checks. SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_card_rules.h"

#include <string.h>

/* clang-format off */
/* The public test cards by what they do; docs/sandbox.md lists them. */
static const struct test_card {
    const char *number, *brand, *name;
} test_cards[] = {
    {"4242424242424242", "visa",       "visa"},
    {"4000056655665556", "visa",       "visa_debit"},
    {"5555555555554444", "mastercard", "mastercard"},
    {"5200828282828210", "mastercard", "mastercard_debit"},
    {"5105105105105100", "mastercard", "mastercard_prepaid"},
    {"378282246310005",  "amex",       "amex"},
    {"6011111111111117", "discover",   "discover"},
    {"3566002020360505", "jcb",        "jcb"},
    {"4000000000000002", "visa",       "generic_decline"},
    {"4000000000009995", "visa",       "insufficient_funds"},
    {"4000000000009987", "visa",       "lost_card"},
    {"4000000000009979", "visa",       "stolen_card"},
    {"4000000000000069", "visa",       "until_20000101_then_expired_card"}, /* whatever its date */
    {"4000000000000127", "visa",       "incorrect_cvc"},
    {"4000000000000119", "visa",       "processing_error"},
    {"4000000000000036", "visa",       "incorrect_zip"},
    {"4000000000000341", "visa",       "charge_declined"},
    {"4000002500003155", "visa",       "visa"}, /* asks once, when it is added: here it is asked */
    {"4000002760003184", "visa",       "authentication_required"},
    {"4000008260003178", "visa",       "insufficient_funds"},
    {"4000000000003220", "visa",       "authentication_required"},
    {"4000000000003063", "visa",       "authentication_required"},
    {"4000008400001629", "visa",       "generic_decline"},
    {"4000000000000259", "visa",       "disputed"},
    {"4000000000002685", "visa",       "disputed"},
    {"4000000000001976", "visa",       "visa"},
    {"4000000000005423", "visa",       "visa"},
    {"4000000000007726", "visa",       "refund_later"},
    {"4000000000005126", "visa",       "refund_fails"},
    {"4000000000006975", "visa",       "card_velocity_exceeded"},
};
/* Its security code is never right. */
static const char wrong_cvc[] = "4000000000000101";

static const struct sandbox_card_error
    fine = {NULL, NULL, NULL},
    no_number = {"number", "incorrect_number", "That is no card number. Check its digits."},
    real_number = {"number", "test_cards_only", "This is a sandbox: use a test card, no real one."},
    no_expiry = {"expiry", "invalid_expiry", "Write the month and the year, such as 04/30."},
    expired = {"expiry", "expired_card", "This card has expired. Use another one."},
    no_cvc = {"cvc", "incorrect_cvc", "Check the security code on the card."},
    no_postal = {"postal", "incorrect_zip", "Check the postal code of your billing address."};
/* clang-format on */

/* Digits with blanks or dashes between; 0 when there is anything else. */
static size_t read_digits(const char *s, char *to, size_t size)
{
    size_t n = 0;

    for (; *s; s++) {
        if (*s == ' ' || *s == '-') continue;
        if (*s < '0' || *s > '9' || n + 1 >= size) return 0;
        to[n++] = *s;
    }
    to[n] = 0;
    return n;
}

static bool luhn(const char *digits, size_t n)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++) {
        int const d = digits[n - 1 - i] - '0';
        int const twice = 2 * d > 9 ? 2 * d - 9 : 2 * d;

        sum += i % 2 ? twice : d;
    }
    return sum % 10 == 0;
}

/* MM/YY or MM/YYYY, with blanks about the stroke, or none. */
static bool read_expiry(const char *s, int64_t *month)
{
    int64_t part[2] = {0}, digits[2] = {0};
    int at = 0;

    for (; *s; s++) {
        if (*s == ' ') continue;
        if (*s == '/' && at == 0 && digits[0]) {
            at = 1;
            continue;
        }
        if (*s < '0' || *s > '9') return false;
        if (at == 0 && digits[0] == 2) at = 1;
        part[at] = part[at] * 10 + (*s - '0');
        if (++digits[at] > 4) return false;
    }
    if (part[0] < 1 || part[0] > 12 || digits[0] > 2 || (digits[1] != 2 && digits[1] != 4))
        return false;
    *month = (digits[1] == 2 ? 2000 + part[1] : part[1]) * 12 + part[0] - 1;
    return true;
}

static const struct test_card *find(const char *digits)
{
    for (size_t i = 0; i < COUNT(test_cards); i++)
        if (strcmp(test_cards[i].number, digits) == 0) return &test_cards[i];
    return NULL;
}

/* Letters, digits, blanks and dashes: postal codes of most countries. */
static bool is_postal(const char *s)
{
    size_t letters = 0;
    size_t const n = strlen(s);

    for (; *s; s++) {
        bool const letter =
            (*s >= '0' && *s <= '9') || (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z');

        if (!letter && *s != ' ' && *s != '-') return false;
        letters += letter;
    }
    return letters >= 3 && n <= 12;
}

static struct sandbox_card_error check_rest(const struct sandbox_card_form *form, bool amex,
                                            int64_t month)
{
    char cvc[8];

    if (month < form->today_month) return expired;
    if (read_digits(form->cvc, cvc, sizeof cvc) != (amex ? 4 : 3)) return no_cvc;
    return is_postal(form->postal) ? fine : no_postal;
}

struct sandbox_card_error sandbox_card_read(const struct sandbox_card_form *form,
                                            char digits[static SANDBOX_CARD_DIGITS],
                                            struct sandbox_card_read *out)
{
    size_t const n = read_digits(form->number, digits, SANDBOX_CARD_DIGITS);
    int64_t month;

    if (n < 12 || !luhn(digits, n)) return no_number;
    const struct test_card *card = find(digits);
    if (!card && strcmp(digits, wrong_cvc) != 0) return real_number;
    if (!read_expiry(form->expiry, &month)) return no_expiry;
    bool const amex = card && strcmp(card->brand, "amex") == 0;
    struct sandbox_card_error const e = check_rest(form, amex, month);
    if (e.field) return e;
    if (!card) return no_cvc;
    *out = (struct sandbox_card_read){card->name, card->brand, card->number + n - 4, month};
    return fine;
}
