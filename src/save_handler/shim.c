/*
 * The save handler and the serializer as ext/session knows them, and what of its globals Rust needs. Every callback goes
 * to the Rust function of the same name with `holdfast_` in front; the meaning of each stands there.
 */
#include "php.h"
#include "SAPI.h"
#include "ext/session/php_session.h"

extern bool holdfast_open(const char *save_path, const char *session_name);
extern void holdfast_close(void);
extern zend_string *holdfast_read(const char *id, size_t len, zend_long lifetime);
extern bool holdfast_write(const char *id, size_t len, const char *data, size_t data_len, zend_long lifetime);
extern bool holdfast_destroy(const char *id, size_t len);
extern zend_long holdfast_gc(void);
extern bool holdfast_is_open(void);
extern zend_string *holdfast_create_sid(void);
extern bool holdfast_validate_sid(const char *id, size_t len);
extern bool holdfast_update_timestamp(const char *id, size_t len, zend_long lifetime);
extern zend_string *holdfast_encode(zval *variables);
extern bool holdfast_decode(zval *built, const char *data, size_t len);

/* ext/session calls with a NULL key where an error handler of the application has ended the session under its feet. */
PS_FUNCS_UPDATE_TIMESTAMP(holdfast)

static const ps_module hf_module = { PS_MOD_UPDATE_TIMESTAMP(holdfast) };

PS_OPEN_FUNC(holdfast)
{
	if (!holdfast_open(save_path, session_name)) {
		return FAILURE;
	}
	/* With NULL here, ext/session never calls write. */
	PS_SET_MOD_DATA((void *) 1);
	return SUCCESS;
}

PS_CLOSE_FUNC(holdfast)
{
	holdfast_close();
	PS_SET_MOD_DATA(NULL);
	return SUCCESS;
}

PS_READ_FUNC(holdfast)
{
	if (key == NULL) {
		return FAILURE;
	}
	*val = holdfast_read(ZSTR_VAL(key), ZSTR_LEN(key), maxlifetime);
	return *val == NULL ? FAILURE : SUCCESS;
}

PS_WRITE_FUNC(holdfast)
{
	if (key == NULL) {
		return FAILURE;
	}
	return holdfast_write(ZSTR_VAL(key), ZSTR_LEN(key), ZSTR_VAL(val), ZSTR_LEN(val), maxlifetime) ? SUCCESS : FAILURE;
}

PS_DESTROY_FUNC(holdfast)
{
	if (key == NULL) {
		return FAILURE;
	}
	return holdfast_destroy(ZSTR_VAL(key), ZSTR_LEN(key)) ? SUCCESS : FAILURE;
}

PS_GC_FUNC(holdfast)
{
	*nrdels = holdfast_gc();
	return *nrdels;
}

PS_CREATE_SID_FUNC(holdfast)
{
	/* Asked for an id outside of any session, PHP's own generator answers: the id is the application's choice then. */
	return holdfast_is_open() ? holdfast_create_sid() : php_session_create_id(mod_data);
}

PS_VALIDATE_SID_FUNC(holdfast)
{
	if (key == NULL) {
		return FAILURE;
	}
	return holdfast_validate_sid(ZSTR_VAL(key), ZSTR_LEN(key)) ? SUCCESS : FAILURE;
}

PS_UPDATE_TIMESTAMP_FUNC(holdfast)
{
	if (key == NULL) {
		return FAILURE;
	}
	return holdfast_update_timestamp(ZSTR_VAL(key), ZSTR_LEN(key), maxlifetime) ? SUCCESS : FAILURE;
}

PS_SERIALIZER_ENCODE_FUNC(holdfast)
{
	zval *variables = &PS(http_session_vars);

	ZVAL_DEREF(variables);
	/* A destructor that asks for session_encode() may do so while ext/session is destroying the array under its feet. */
	if (Z_TYPE_P(variables) != IS_ARRAY || (Z_REFCOUNTED_P(variables) && Z_REFCOUNT_P(variables) == 0)) {
		return NULL;
	}
	return holdfast_encode(variables);
}

PS_SERIALIZER_DECODE_FUNC(holdfast)
{
	zval built, old;
	zval *variables;

	ZVAL_UNDEF(&built);
	if (!holdfast_decode(&built, val, vallen)) {
		return FAILURE;
	}
	if (Z_TYPE(built) == IS_UNDEF) {
		return SUCCESS;
	}
	/* Looked for only now: an object that calls session_reset() while it is built has had ext/session make them anew. */
	variables = &PS(http_session_vars);
	ZVAL_DEREF(variables);
	if (Z_TYPE_P(variables) != IS_ARRAY) {
		zval_ptr_dtor(&built);
		return FAILURE;
	}
	ZVAL_COPY_VALUE(&old, variables);
	ZVAL_COPY_VALUE(variables, &built);
	zval_ptr_dtor(&old);
	return SUCCESS;
}

bool hf_session_register(void)
{
	return php_session_register_module(&hf_module) == SUCCESS
		&& php_session_register_serializer("holdfast", PS_SERIALIZER_ENCODE_NAME(holdfast), PS_SERIALIZER_DECODE_NAME(holdfast)) == SUCCESS;
}

/* Ends what ext/session has of this request, where this handler is the one that is used: for a server that does not do it
 * and goes on with the script. What is open is saved. */
void hf_session_leave(void)
{
	zval variables;

	if (PS(mod) != &hf_module && PS(default_mod) != &hf_module) {
		return;
	}
	if (PS(session_status) == php_session_active) {
		php_session_flush(1);
	}
	PS(session_status) = php_session_none;
	PS(define_sid) = 1;
	if (PS(id) != NULL) {
		zend_string_release(PS(id));
		PS(id) = NULL;
	}
	if (PS(session_vars) != NULL) {
		zend_string_release(PS(session_vars));
		PS(session_vars) = NULL;
	}
#if PHP_VERSION_ID >= 80300
	if (PS(session_started_filename) != NULL) {
		zend_string_release(PS(session_started_filename));
		PS(session_started_filename) = NULL;
		PS(session_started_lineno) = 0;
	}
#endif
	/* Both hold the variables. Their destructors run when nothing leads to them any more. */
	ZVAL_COPY_VALUE(&variables, &PS(http_session_vars));
	ZVAL_UNDEF(&PS(http_session_vars));
	zend_hash_str_del(&EG(symbol_table), ZEND_STRL("_SESSION"));
	zval_ptr_dtor(&variables);
}

/* The name of the serializer in use; "" when there is none. */
const char *hf_session_serializer(void)
{
	return PS(serializer) == NULL ? "" : PS(serializer)->name;
}

/* Does ext/session call this handler and this serializer itself, with nothing of the application's between them that could
 * see what goes from one to the other? */
bool hf_session_is_direct(void)
{
	return PS(mod) == &hf_module && PS(serializer) != NULL && PS(serializer)->encode == PS_SERIALIZER_ENCODE_NAME(holdfast);
}

/* Is the serializer asked by the application, in session_encode(), which shows what it writes? */
bool hf_session_is_shown(void)
{
	zend_execute_data *call = EG(current_execute_data);

	return call != NULL && call->func != NULL && call->func->type == ZEND_INTERNAL_FUNCTION
		&& call->func->common.function_name != NULL && call->func->common.scope == NULL
		&& zend_string_equals_literal(call->func->common.function_name, "session_encode");
}

/* The id that ext/session is about to use; NULL when it has none. */
zend_string *hf_session_id(void)
{
	return PS(id);
}

/* Makes ext/session use another id and send it; with NULL it asks for a new one. Takes the string over. */
void hf_session_set_id(zend_string *id)
{
	if (PS(id) != NULL) {
		zend_string_release(PS(id));
	}
	PS(id) = id;
	if (id != NULL && PS(use_cookies)) {
		PS(send_cookie) = 1;
	}
}

/* Makes ext/session use another id and not send it. Takes the string over. */
void hf_session_set_unsent_id(zend_string *id)
{
	if (PS(id) != NULL) {
		zend_string_release(PS(id));
	}
	PS(id) = id;
	PS(send_cookie) = 0;
}

static bool hf_has_value(int track_index, const char *name, zend_string *id)
{
	zval *track = &PG(http_globals)[track_index];
	zval *value = Z_TYPE_P(track) == IS_ARRAY ? zend_hash_str_find(Z_ARRVAL_P(track), name, strlen(name)) : NULL;

	if (value == NULL) {
		return false;
	}
	ZVAL_DEREF(value);
	return Z_TYPE_P(value) == IS_STRING && zend_string_equals(Z_STR_P(value), id);
}

/* Did ext/session take this id from the request, and not from the application's session_id()? From a cookie it takes it
 * without the intention to send it again. */
bool hf_session_is_brought(const char *session_name, zend_string *id)
{
	if (!PS(send_cookie) && hf_has_value(TRACK_VARS_COOKIE, session_name, id)) {
		return true;
	}
	return !PS(use_only_cookies)
		&& (hf_has_value(TRACK_VARS_GET, session_name, id) || hf_has_value(TRACK_VARS_POST, session_name, id));
}

/* For which call of the application is the handler called? 1: session_regenerate_id(); 2: PHP decodes a session, in
 * session_start() or session_decode(), or before any script; 0: another one. */
int hf_session_call(void)
{
	zend_execute_data *call = EG(current_execute_data);

	if (call == NULL) {
		return 2;
	}
	for (; call != NULL; call = call->prev_execute_data) {
		zend_function *function = call->func;

		if (function == NULL || function->type != ZEND_INTERNAL_FUNCTION || function->common.function_name == NULL
			|| function->common.scope != NULL
			|| strncmp(ZSTR_VAL(function->common.function_name), "session_", sizeof("session_") - 1) != 0) {
			continue;
		}
		if (zend_string_equals_literal(function->common.function_name, "session_regenerate_id")) {
			return 1;
		}
		return zend_string_equals_literal(function->common.function_name, "session_start")
			|| zend_string_equals_literal(function->common.function_name, "session_decode") ? 2 : 0;
	}
	return 0;
}

/* Did the application call session_start() with read_and_close? ext/session keeps that to itself, so the arguments of the
 * running call tell. */
bool hf_session_only_reads(void)
{
	zend_execute_data *call = EG(current_execute_data);

	for (; call != NULL; call = call->prev_execute_data) {
		zend_function *function = call->func;

		if (function == NULL || function->type != ZEND_INTERNAL_FUNCTION || function->common.function_name == NULL
			|| function->common.scope != NULL
			|| !zend_string_equals_literal(function->common.function_name, "session_start")) {
			continue;
		}
		if (ZEND_CALL_NUM_ARGS(call) >= 1) {
			zval *options = ZEND_CALL_ARG(call, 1);
			zval *option;

			ZVAL_DEREF(options);
			option = Z_TYPE_P(options) == IS_ARRAY
				? zend_hash_str_find(Z_ARRVAL_P(options), ZEND_STRL("read_and_close")) : NULL;
			return option != NULL && zval_get_long(option) != 0;
		}
		return false;
	}
	return false;
}
