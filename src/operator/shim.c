/*
 * The class Holdfast\Store: PHP parses the arguments of its methods, with types that ext-php-rs has no words for.
 */
#include "php.h"

/* The bodies, in Rust: what is passed is PHP's, for the length of the call. `query` and `by` may be NULL. */
extern void holdfast_store_stats(zval *result);
extern void holdfast_store_sessions(zval *query, zval *result);
extern void holdfast_store_end(zend_string *handle, zend_string *by, zval *result);
extern void holdfast_store_end_user(zend_string *user, zend_string *by, zval *result);

ZEND_BEGIN_ARG_INFO_EX(hf_store_construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(hf_store_stats, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(hf_store_sessions, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, query, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(hf_store_end, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, handle, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, by, IS_STRING, 0, "''")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(hf_store_enduser, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_MASK(0, user, MAY_BE_STRING | MAY_BE_LONG, NULL)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, by, IS_STRING, 0, "''")
ZEND_END_ARG_INFO()

/* Never called: it is private. */
static ZEND_NAMED_FUNCTION(hf_store_construct_)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static ZEND_NAMED_FUNCTION(hf_store_stats_)
{
	ZEND_PARSE_PARAMETERS_NONE();
	holdfast_store_stats(return_value);
}

static ZEND_NAMED_FUNCTION(hf_store_sessions_)
{
	zval *query = NULL;

	ZEND_PARSE_PARAMETERS_START(0, 1)
		Z_PARAM_OPTIONAL
		Z_PARAM_ARRAY(query)
	ZEND_PARSE_PARAMETERS_END();
	holdfast_store_sessions(query, return_value);
}

static ZEND_NAMED_FUNCTION(hf_store_end_)
{
	zend_string *handle, *by = NULL;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_STR(handle)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR(by)
	ZEND_PARSE_PARAMETERS_END();
	holdfast_store_end(handle, by, return_value);
}

static ZEND_NAMED_FUNCTION(hf_store_enduser_)
{
	zend_string *user, *by = NULL;
	zend_long number;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_STR_OR_LONG(user, number)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR(by)
	ZEND_PARSE_PARAMETERS_END();
	/* 41 and '41' are one id. */
	user = user == NULL ? zend_long_to_str(number) : zend_string_copy(user);
	holdfast_store_end_user(user, by, return_value);
	zend_string_release(user);
}

/* ZEND_RAW_FENTRY has two parameters more from PHP 8.4 on. */
#if PHP_VERSION_ID >= 80400
# define HF_METHOD(name, handler, info, flags) ZEND_RAW_FENTRY(name, handler, info, flags, NULL, NULL)
#else
# define HF_METHOD(name, handler, info, flags) ZEND_RAW_FENTRY(name, handler, info, flags)
#endif
#define HF_STATIC(name, handler, info) HF_METHOD(name, handler, info, ZEND_ACC_PUBLIC | ZEND_ACC_STATIC)

static const zend_function_entry hf_store_methods[] = {
	HF_METHOD("__construct", hf_store_construct_, hf_store_construct, ZEND_ACC_PRIVATE)
	HF_STATIC("stats", hf_store_stats_, hf_store_stats)
	HF_STATIC("sessions", hf_store_sessions_, hf_store_sessions)
	HF_STATIC("end", hf_store_end_, hf_store_end)
	HF_STATIC("endUser", hf_store_enduser_, hf_store_enduser)
	ZEND_FE_END
};

void hf_register_store(void)
{
	zend_class_entry class, *registered;

	INIT_NS_CLASS_ENTRY(class, "Holdfast", "Store", hf_store_methods);
	registered = zend_register_internal_class(&class);
	registered->ce_flags |= ZEND_ACC_FINAL;
}
