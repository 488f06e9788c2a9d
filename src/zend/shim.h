/*
 * What of the Zend API exists only as macros, inline functions or varargs, and what differs between PHP 8.1 and 8.5.
 * Every function takes and gives plain pointers; src/zend/ffi.rs declares them to Rust.
 */
#ifndef HOLDFAST_SHIM_H
#define HOLDFAST_SHIM_H

#include "php.h"
#include "php_ini.h"
#include "php_main.h"
#include "SAPI.h"
#include "ext/standard/html.h"
#include "ext/standard/info.h"
#include "ext/standard/php_var.h"
#include "ext/json/php_json.h"
#include "ext/spl/spl_array.h"
#include "ext/spl/spl_exceptions.h"
#include "Zend/zend_closures.h"
#include "Zend/zend_exceptions.h"
#include "Zend/zend_interfaces.h"
#include "Zend/zend_smart_str.h"

#endif
