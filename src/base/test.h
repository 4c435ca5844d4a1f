/* test: unit tests are tables of cmocka cases whose printed name starts with the requirement ids
 * they prove. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* a macro of cmocka; in base.h it is a function */

#undef fail /* ours raises a fault; a test says CHECK */

#define CASE(name_, fn_)                                                                           \
    {                                                                                              \
        .name = (name_), .test_func = (fn_)                                                        \
    }
#define CHECK(cond) _assert_true((unsigned long)!!(cond), #cond, __FILE__, __LINE__)
#define RUN_CASES(group, cases) cmocka_run_group_tests_name((group), (cases), NULL, NULL)
