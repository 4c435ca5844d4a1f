/* test: unit tests are tables of cmocka cases whose printed name starts with the requirement ids
 * they prove. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* a macro of cmocka; in base.h it is a function: a test says CHECK or FAIL */

#define CASE(name_, fn_)                                                                           \
    {                                                                                              \
        .name = (name_), .test_func = (fn_)                                                        \
    }
#define CHECK(cond)             _assert_true((unsigned long)!!(cond), #cond, __FILE__, __LINE__)
#define RUN_CASES(group, cases) cmocka_run_group_tests_name((group), (cases), NULL, NULL)

/* Fails with words, a format and its arguments: for loops, where a line number says too little. */
#define FAIL(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))
